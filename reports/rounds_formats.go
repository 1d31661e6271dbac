package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/rounds"
)

const roundsVersion = 1

type roundsDocument struct {
	Version  int             `json:"version"`
	Kind     Kind            `json:"kind"`
	Programs []rounds.Report `json:"programs"`
}

// RoundsJSON writes all levels as one document.
func RoundsJSON(w io.Writer, all []rounds.Report) error {
	return writeJSON(w, roundsDocument{roundsVersion, RoundsKind, list(all)})
}

// ReadRoundsJSON reads what RoundsJSON wrote.
func ReadRoundsJSON(text []byte) ([]rounds.Report, error) {
	var doc roundsDocument
	err := readJSON(text, roundsVersion, &doc)
	return doc.Programs, err
}

// roundsPart is a case or a step, for the forms that have a line for each.
type roundsPart struct {
	name, sentence, text string
	verdict              harness.Verdict
	seconds              float64
}

// partsOf are those of a report.
func partsOf(r *rounds.Report) (all []roundsPart, err error) {
	for i := range r.Cases {
		c := &r.Cases[i]
		var b strings.Builder
		if err := RoundsCase(&b, 0, r, c); err != nil {
			return nil, err
		}
		all = append(all, roundsPart{c.Name(), roundsVerdict(c), strings.TrimSpace(b.String()), c.Verdict, c.Seconds})
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		p := &page{width: defaultWidth}
		p.step(s)
		all = append(all, roundsPart{s.Name(), stepVerdict(s), strings.TrimSpace(p.b.String()), s.Verdict, s.Seconds})
	}
	return all, nil
}

// RoundsJUnit writes a test case for each burst or number of clients, and a suite for each level.
func RoundsJUnit(w io.Writer, all []rounds.Report) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat"}
	for i := range all {
		r := &all[i]
		suite := junitSuite{Name: r.File + "." + string(r.Level)}
		parts, err := partsOf(r)
		if err != nil {
			return err
		}
		var cases []junitCase
		for _, p := range parts {
			c := junitCase{Name: p.name, took: lasting(p.seconds)}
			switch p.verdict {
			case harness.Unsafe:
				c.Failure = &junitNote{Message: p.sentence, junitText: newText(p.text)}
			case harness.Inconclusive:
				c.Skipped = &junitNote{Message: p.sentence}
			}
			cases = append(cases, c)
		}
		doc.add(suite, cases...)
	}
	junitThresholds(&doc, rounds.Thresholds(all))
	return writeXML(w, doc)
}

// roundsColumns are those of CSV: keys of JSON, but for level, which is a report's.
var roundsColumns = []string{
	"isolation", "operations", "clients", "verdict", "why", "rounds", "trials", "breaking", "bound", "lost_sales", "errors", "stale_reads", "seconds", "rate",
	"ops_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms", "ok", "rejected", "failed", "unknown", "statements_per_op", "transactions_per_op", "retries_per_op",
	"conflicts", "server_errors", "database_ms_per_op", "program_ms_per_op", "fault", "struck",
}

// RoundsCSV writes a line for each burst or number of clients. Read columns by name: there may come to be more.
func RoundsCSV(w io.Writer, all []rounds.Report) error {
	out := csv.NewWriter(harness.VisibleWriter(w))
	if err := out.Write(roundsColumns); err != nil {
		return err
	}
	for i := range all {
		r := &all[i]
		for k := range r.Cases {
			c := &r.Cases[k]
			line := []string{harmless(string(r.Level)), harmless(c.Name()), fmt.Sprint(len(c.Operations)), harmless(string(c.Verdict)), harmless(c.Why)}
			for _, v := range []any{c.Rounds, c.Trials, c.Breaking, c.Bound, c.LostSales, c.Errors, c.StaleReads, c.Seconds} {
				line = append(line, fmt.Sprint(v))
			}
			line = append(line, make([]string, len(roundsColumns)-len(line)-2)...)
			if err := out.Write(append(line, string(c.Fault), fmt.Sprint(c.Struck))); err != nil {
				return err
			}
		}
		for k := range r.Steps {
			if err := out.Write(stepRecord(r, &r.Steps[k])); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func stepRecord(r *rounds.Report, s *rounds.Step) []string {
	var sum rounds.OperationCounts
	var names []string
	for _, o := range s.Operations {
		sum.OK, sum.Rejected, sum.Failed, sum.Unknown = sum.OK+o.OK, sum.Rejected+o.Rejected, sum.Failed+o.Failed, sum.Unknown+o.Unknown
		names = append(names, o.Name)
	}
	conflicts := int64(0)
	for _, n := range s.Conflicts {
		conflicts += n
	}
	line := []string{harmless(string(r.Level)), harmless(strings.Join(names, " ")), fmt.Sprint(s.Clients), harmless(string(s.Verdict)), harmless(s.Why), "", "", "", "", "", "", ""}
	for _, v := range []any{
		s.Seconds, s.Rate, s.PerSecond, s.Latency["p50"], s.Latency["p95"], s.Latency["p99"], s.Latency["max"], sum.OK, sum.Rejected, sum.Failed, sum.Unknown,
		s.Statements, s.Transactions, s.Retries, conflicts, s.ServerErrors, s.InDatabase, s.InProgram, s.Fault, s.Struck,
	} {
		line = append(line, fmt.Sprint(v))
	}
	return line
}

// roundsAnswer is what came of all in a sentence.
func roundsAnswer(all []rounds.Report) (text string, verdict harness.Verdict) {
	if len(all) == 0 {
		return "Nothing was run.", harness.Inconclusive
	}
	verdict = rounds.Worst(all)
	named := func(v harness.Verdict) (names []string) {
		for i := range all {
			for k := range all[i].Cases {
				if c := &all[i].Cases[k]; c.Verdict == v {
					names = append(names, c.Name()+" at "+string(all[i].Level))
				}
			}
			for k := range all[i].Steps {
				if s := &all[i].Steps[k]; s.Verdict == v {
					names = append(names, plural(s.Clients, "client")+" at "+string(all[i].Level))
				}
			}
		}
		return names
	}
	switch verdict {
	case harness.Unsafe:
		text = "is unsafe: under load it ends as no serial order does, or breaks a rule: " + some(named(verdict))
		if all[0].Faulted() {
			text = strings.Replace(text, "under load", "under load and faults", 1)
		}
	case harness.Inconclusive:
		text = "is not decided: " + some(named(verdict)) + "; nothing that was decided breaks"
	default:
		text = "is safe, as far as it was run: nothing breaks"
	}
	return all[0].File + " " + text + ".", verdict
}

// RoundsMarkdown writes the overview, a table of each level that was under a sustained load, and below it what came of each in words.
func RoundsMarkdown(w io.Writer, all []rounds.Report) error {
	answer, _ := roundsAnswer(all)
	p := newMarkdown("lastseat run", withThresholds(answer, rounds.Thresholds(all)))
	if len(all) == 0 {
		return p.write(w)
	}
	p.matrix(roundsMatrix(all))
	p.thresholds(rounds.Thresholds(all))
	shown := 0
	for i := range all {
		r := &all[i]
		if len(r.Steps) > 0 {
			p.line("At " + string(r.Level) + ":")
			head := stepColumns(r.Faulted())
			markdownLine(&p.b, head)
			markdownLine(&p.b, slices.Repeat([]string{"--:"}, len(head)))
			for k := range r.Steps {
				cells := stepCells(&r.Steps[k], r.Faulted())
				for i := range cells {
					cells[i] = inline(strings.TrimSpace(cells[i]))
				}
				markdownLine(&p.b, cells)
			}
			p.b.WriteByte('\n')
		}
		parts, err := partsOf(r)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if shown == mostFolded {
				break
			}
			shown++
			p.folded(part.verdict == harness.Unsafe, symbol(part.verdict)+" "+part.name+" at "+string(r.Level)+": "+part.sentence, part.text)
		}
	}
	if len(all[0].Steps) > 0 {
		legend := &page{width: defaultWidth}
		legend.stepLegend()
		p.folded(false, "What the columns mean", legend.b.String())
	}
	return p.write(w)
}
