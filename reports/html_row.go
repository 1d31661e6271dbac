package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/reports/html"
)

// evidenceHTML is what stands behind each verdict.
func evidenceHTML(r *Result) []html.Block {
	var blocks []html.Block
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Foreign {
			continue
		}
		d := html.Details{
			ID: rowID(r, row), Summary: nameOf(r, row), Mark: mark(row), Tone: toneOf(row), Note: string(row.Verdict()) + ": " + reasonCell(row), Open: row.Surprise(),
		}
		d.Blocks = rowHTML(r, row)
		blocks = append(blocks, d)
	}
	return blocks
}

func rowHTML(r *Result, row *Row) []html.Block {
	blocks := []html.Block{html.Text{Tone: toneOf(row), Text: verdictCell(row) + ": " + row.Reason()}}
	if row.Skip != "" {
		return blocks
	}
	if j := row.Judgement(); j != nil && j.Advice != "" {
		blocks = append(blocks, html.Text{Text: "What would decide it: " + j.Advice + "."})
	}
	blocks = append(blocks, promiseHTML(row)...)
	if row.Report != nil {
		blocks = append(blocks, violationsHTML(row)...)
		if row.Explored != nil {
			blocks = append(blocks, exploredHTML(row.Explored)...)
		}
		blocks = append(blocks, checksHTML(row), html.Facts{Pairs: measuredFacts(row)})
		blocks = append(blocks, drawnHTML(row)...)
	}
	if command := row.Command; command != "" {
		blocks = append(blocks, html.Code{Label: "this row again", Text: command, Command: true})
	} else if r.Command != "" {
		blocks = append(blocks, html.Code{Label: "all of it again", Text: r.Command, Command: true})
	}
	if row.HistoryFile != "" {
		blocks = append(blocks, html.Code{Label: "judge its history again", Text: "lastseat check " + ShellWord(row.HistoryFile), Command: true})
	}
	return blocks
}

// promiseHTML is what was promised, and how far a green can be trusted.
func promiseHTML(row *Row) []html.Block {
	var items []string
	if p := row.Expected; p != nil {
		expected := "unsafe"
		if p.Safe {
			expected = "safe"
		}
		items = append(items, "Expected "+expected+": "+p.Reason+".")
		if p.Missing != 0 {
			items = append(items, p.Missing.Main().Named()+": "+p.Missing.Main().Meaning()+". What mends it: "+fixOf(p).Advice()+".")
		}
	} else {
		items = append(items, "Nothing was promised; the evidence alone decides.")
	}
	if j := row.Judgement(); j != nil && j.Violations() == 0 && j.Trials > 0 {
		items = append(items, fmt.Sprintf("Nothing broke in %s trials (operations that could have gone wrong): under %s %% of them do, at 95 %%, for this load, trials taken as independent.",
			number(j.Trials), digits(100*engine.UpperBound(j.Trials), 2)))
	}
	if j := row.Judgement(); j != nil && j.Clocks != nil {
		items = append(items, "Clocks: "+j.Clocks.String()+".")
	}
	if row.Report != nil && row.Report.Control != nil {
		items = append(items, "Positive control: "+row.Report.Control.Label.String()+" ran beside it under the same load.")
	}
	if all, familiar := row.ConsistentWith(); all != nil {
		items = append(items, "Consistent with: "+strings.Join(familiar, ", ")+".")
	}
	if row.Report != nil && row.Report.Failure != nil {
		items = append(items, "An operation failed: "+row.Report.Failure.Error())
	}
	return []html.Block{html.List{Items: items}}
}

// violationsHTML are the first witnesses of each check that broke.
func violationsHTML(row *Row) []html.Block {
	var blocks []html.Block
	for i := range row.Report.Results {
		res := &row.Report.Results[i]
		if res.Checker.Figure || res.Violations == 0 {
			continue
		}
		count := plural(int(res.Violations), "violation")
		if res.Checker.Unit != "" && res.Measure != 0 {
			count += ", " + counted(res.Measure, res.Checker.Unit)
		}
		label := "broke " + res.Checker.Name + " (" + count + "): " + res.Checker.Rule
		blocks = append(blocks, html.Code{Label: label, Text: strings.Join(res.Texts, "\n")})
		if len(res.Operations) > 0 {
			blocks = append(blocks, operationsHTML(res.Operations))
		}
	}
	return blocks
}

// operationsHTML are the operations that a violation is about, as a timeline.
func operationsHTML(all []engine.Involved) html.Operations {
	o := html.Operations{Title: "The operations that the first of these is about", Units: "ms since the row's start"}
	for i := range all {
		op := &all[i]
		o.All = append(o.All, html.Operation{
			Client: fmt.Sprintf("client %d", op.Client), Name: op.Operation, Answer: op.Answer, Did: op.Did,
			Wrong: op.Answer != harness.OK.String() && op.Answer != harness.Rejected.String(),
			From:  float64(op.From) / 1e6, To: float64(op.To) / 1e6,
		})
	}
	return o
}

// checksHTML is what each check said, and what shows that it could have failed.
func checksHTML(row *Row) html.Block {
	t := html.Table{Head: []string{"check", "rule", "violations", "could it fail?"}, Left: []bool{true, true, false, true}}
	for i := range row.Report.Results {
		res := &row.Report.Results[i]
		tone, found, shown := html.Good, number(res.Violations), ""
		switch {
		case res.Checker.Figure:
			tone, shown = html.Faint, "shown, not judged"
		case res.Skipped != "":
			tone, found, shown = html.Faint, "–", "not made: "+res.Skipped
		case res.Violations > 0:
			tone, shown = html.Bad, "it did"
		case res.Vouched == "control":
			shown = "the positive control broke it"
		case res.Vouched == "planted":
			shown = "it found a corruption planted into this history"
		}
		t.Rows = append(t.Rows, []html.Cell{{Text: res.Checker.Name}, {Text: res.Checker.Rule}, {Text: found, Tone: tone}, {Text: shown}})
	}
	return t
}

// measuredFacts are a row's figures.
func measuredFacts(row *Row) []html.Fact {
	rep, a := row.Report, &row.Report.Accounting
	facts := []html.Fact{
		{Name: "clients, cells", Value: number(int64(row.Clients)) + ", " + number(int64(row.Cells))},
		{Name: "clients worked for", Value: span(rep.Elapsed)},
		{Name: "ok operations a second", Value: opsCell(row)},
		{Name: "ok", Value: number(a.Outcomes[harness.OK])},
		{Name: "rejected (a right answer)", Value: number(a.Outcomes[harness.Rejected])},
		{Name: "failed", Value: number(a.Outcomes[harness.Failed])},
		{Name: "unknown", Value: number(a.Outcomes[harness.Unknown])},
		{Name: "attempts an operation", Value: factor(a.TriesPerOp())},
		{Name: "attempts ended by a conflict", Value: share(a.ConflictRate())},
	}
	for _, c := range []struct {
		kind harness.Conflict
		name string
	}{
		{harness.Serialization, "serialization failures"},
		{harness.Deadlock, "deadlocks"},
		{harness.LockTimeout, "lock timeouts"},
		{harness.VersionMiss, "versions that did not match"},
	} {
		if n := a.Conflicts[c.kind]; n > 0 {
			facts = append(facts, html.Fact{Name: c.name, Value: number(n)})
		}
	}
	all := float64(rep.Elapsed) * float64(rep.Clients)
	part := func(name string, spent float64) {
		if all > 0 && spent > 0 {
			facts = append(facts, html.Fact{Name: "clients' time " + name, Value: share(min(spent/all, 1))})
		}
	}
	part("waiting for locks", float64(a.Waited)+rep.LockWait*float64(rep.Elapsed))
	part("backing off", float64(a.Backoff))
	part("waiting for a connection", float64(a.Queued))
	if a.Queue.Count() > 0 {
		facts = append(facts, html.Fact{Name: "of a latency, the wait for a connection, p50, p99", Value: latency(a.Queue.Quantile(0.5)) + ", " + latency(a.Queue.Quantile(0.99))},
			html.Fact{Name: "of a latency, the server's time, p50, p99", Value: latency(a.Served.Quantile(0.5)) + ", " + latency(a.Served.Quantile(0.99))})
	}
	if ok := &a.Latency[harness.OK]; ok.Count() > 0 {
		for _, q := range []struct {
			name string
			at   float64
		}{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}} {
			facts = append(facts, html.Fact{Name: "latency " + q.name, Value: latency(ok.Quantile(q.at))})
		}
		facts = append(facts, html.Fact{Name: "latency, longest", Value: latency(ok.Max())})
	}
	if a.Scheduled() > 0 {
		facts = append(facts, html.Fact{Name: "due, skipped, dropped", Value: number(a.Scheduled()) + ", " + number(a.Skipped) + ", " + number(a.Dropped)},
			html.Fact{Name: "late by, p99", Value: latency(a.Lag.Quantile(0.99))})
	}
	for _, f := range rep.Figures {
		facts = append(facts, html.Fact{Name: f.Name + " (" + f.Unit + ")", Value: digits(f.Value, 3)})
	}
	return facts
}

// drawnHTML are the row's latencies and its throughput over time.
func drawnHTML(row *Row) []html.Block {
	var blocks []html.Block
	ok := &row.Report.Accounting.Latency[harness.OK]
	if ok.Count() > 0 {
		blocks = append(blocks, distribution(ok))
	}
	for _, t := range timelinesHTML(row) {
		blocks = append(blocks, t)
	}
	if len(blocks) == 0 {
		return nil
	}
	return []html.Block{html.Side{Blocks: blocks}}
}

func distribution(h *stats.Histogram) html.Distribution {
	d := html.Distribution{
		Title: "Latency of ok operations, all their attempts included", Unit: latency,
		Marks: []html.Mark{{Name: "p50", At: h.Quantile(0.5)}, {Name: "p99", At: h.Quantile(0.99)}},
	}
	for _, b := range h.Bars() {
		d.Bars = append(d.Bars, html.Span(b))
	}
	return d
}

// percentilesOf are a row's latencies, where there are any.
func percentilesOf(row *Row, name string) (html.Percentiles, bool) {
	if row.Report == nil {
		return html.Percentiles{}, false
	}
	ok := &row.Report.Accounting.Latency[harness.OK]
	at := func(q float64) time.Duration { return ok.Quantile(q) }
	return html.Percentiles{Name: name, P50: at(0.5), P95: at(0.95), P99: at(0.99), Max: ok.Max()}, ok.Count() > 0
}
