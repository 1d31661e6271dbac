package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/reports/html"
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
		all = append(all, roundsPart{plural(s.Clients, "client"), stepVerdict(s), strings.TrimSpace(p.b.String()), s.Verdict, s.Seconds})
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
			c := junitCase{Name: p.name, Class: suite.Name, Time: fmt.Sprintf("%.3f", p.seconds)}
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
	return writeXML(w, doc)
}

// roundsColumns are those of CSV: keys of JSON, but for level, which is a report's.
var roundsColumns = []string{
	"isolation", "operations", "clients", "verdict", "why", "rounds", "trials", "breaking", "bound", "lost_sales", "errors", "stale_reads", "seconds", "rate",
	"ops_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms", "ok", "rejected", "failed", "unknown", "statements_per_op", "transactions_per_op", "retries_per_op",
	"conflicts", "server_errors", "database_ms_per_op", "program_ms_per_op",
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
			line := []string{string(r.Level), harmless(c.Name()), fmt.Sprint(len(c.Operations)), string(c.Verdict), harmless(c.Why)}
			for _, v := range []any{c.Rounds, c.Trials, c.Breaking, c.Bound, c.LostSales, c.Errors, c.StaleReads, c.Seconds} {
				line = append(line, fmt.Sprint(v))
			}
			if err := out.Write(append(line, make([]string, len(roundsColumns)-len(line))...)); err != nil {
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
	line := []string{string(r.Level), harmless(strings.Join(names, " ")), fmt.Sprint(s.Clients), string(s.Verdict), harmless(s.Why), "", "", "", "", "", "", ""}
	for _, v := range []any{
		s.Seconds, s.Rate, s.PerSecond, s.Latency["p50"], s.Latency["p95"], s.Latency["p99"], s.Latency["max"], sum.OK, sum.Rejected, sum.Failed, sum.Unknown,
		s.Statements, s.Transactions, s.Retries, conflicts, s.ServerErrors, s.InDatabase, s.InProgram,
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
	switch verdict {
	case harness.Unsafe:
		text = "unsafe: under load it ends as no serial order does, or breaks a rule."
	case harness.Inconclusive:
		text = "not all was decided; none that was decided breaks."
	default:
		text = "nothing that was run breaks."
	}
	return all[0].File + ": " + text, verdict
}

// RoundsMarkdown writes a table for each level, and below it what came of each in words.
func RoundsMarkdown(w io.Writer, all []rounds.Report) error {
	var b strings.Builder
	text, _ := roundsAnswer(all)
	fmt.Fprintf(&b, "## lastseat run: %s\n", inline(text))
	for i := range all {
		r := &all[i]
		parts, err := partsOf(r)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n### %s at %s\n\n", inline(r.Server), inline(string(r.Level)))
		if len(r.Steps) > 0 {
			markdownLine(&b, stepColumns())
			markdownLine(&b, strings.Split(strings.Repeat("--- ", len(stepColumns()))[:4*len(stepColumns())-1], " "))
			for k := range r.Steps {
				markdownLine(&b, stepCells(&r.Steps[k]))
			}
		} else {
			markdownLine(&b, []string{"burst", "verdict", ""})
			markdownLine(&b, []string{"---", "---", "---"})
			for _, p := range parts {
				markdownLine(&b, []string{inline(p.name), symbol(p.verdict) + " " + string(p.verdict), inline(p.sentence)})
			}
		}
		for _, p := range parts {
			fmt.Fprintf(&b, "\n%s\n", fenced(p.text))
		}
	}
	_, err := io.WriteString(harness.VisibleWriter(w), b.String())
	return err
}

// RoundsHTML writes programs under load as a page.
func RoundsHTML(w io.Writer, all []rounds.Report) error {
	answer, verdict := roundsAnswer(all)
	p := &html.Page{Title: "lastseat run", Answer: answer, Tone: toneOfVerdict(verdict)}
	if verdict == harness.Unsafe {
		p.Tone = html.Alarm // nobody asked for it
	}
	for i := range all {
		r := &all[i]
		if i == 0 {
			p.Facts = append(p.Facts, r.App, r.Server, fmt.Sprintf("%d clients, %d copies of the program", r.Clients, r.Instances))
		}
		parts, err := partsOf(r)
		if err != nil {
			return err
		}
		section := html.Section{ID: fmt.Sprintf("level-%d", i+1), Title: "At " + string(r.Level)}
		if len(r.Steps) > 0 {
			t := html.Table{Head: stepColumns()}
			for k := range r.Steps {
				var row []html.Cell
				for _, c := range stepCells(&r.Steps[k]) {
					row = append(row, html.Cell{Text: c})
				}
				t.Rows = append(t.Rows, row)
			}
			section.Blocks = append(section.Blocks, t)
		}
		for _, part := range parts {
			section.Blocks = append(section.Blocks, html.Details{
				Summary: part.name + ": " + part.sentence, Mark: symbol(part.verdict), Tone: toneOfVerdict(part.verdict), Open: part.verdict == harness.Unsafe,
				Blocks: []html.Block{html.Code{Text: part.text}},
			})
		}
		p.Blocks = append(p.Blocks, section)
	}
	return html.Write(w, p)
}
