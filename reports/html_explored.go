package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports/html"
)

// lanesOf is a transcript with a column a session.
func lanesOf(t *schedule.Transcript) html.Lanes {
	l := html.Lanes{Title: t.Title, Sessions: t.Sessions, Outcome: t.Outcome}
	for _, line := range t.Lines {
		if line.Session < 0 || line.Session >= len(t.Sessions) {
			continue // a file may say anything
		}
		until := min(max(line.Until, 0), len(t.Lines)-1)
		l.Turns = append(l.Turns, html.Turn{
			Session: line.Session, Text: line.Text, Answer: line.Result, Error: strings.HasPrefix(line.Result, "ERROR ") || strings.HasPrefix(line.Result, "error "),
			Waited: line.Waited, Until: until,
		})
	}
	return l
}

// exploredHTML is what exploring a row showed: its scenarios, and the simplest schedule that breaks.
func exploredHTML(e *Explored) []html.Block {
	var blocks []html.Block
	if len(e.Scenarios) > 0 {
		t := html.Table{Head: []string{"scenario", "clients", "schedules run", "that break", "all there are"}, Left: []bool{true}}
		for i := range e.Scenarios {
			s := &e.Scenarios[i]
			t.Rows = append(t.Rows, []html.Cell{
				{Text: s.About}, {Text: number(int64(s.Clients))}, {Text: number(int64(s.Run))}, {Text: number(int64(s.Breaking))}, {Text: yes(s.Exhaustive)},
			})
		}
		blocks = append(blocks, t)
	}
	if e.Error != "" {
		blocks = append(blocks, html.Text{Tone: html.Alarm, Text: "error: " + e.Error})
	}
	if e.Shortest == nil {
		switch {
		case e.Exhaustive && e.OneAtATime && e.Skip == "":
			blocks = append(blocks, html.Text{Text: "For these operations that is proof: there are no other schedules of their statements."})
		case e.Exhaustive && e.Skip == "":
			blocks = append(blocks, html.Text{Text: "There are no other orders of whole statements. Not tried: two statements of two clients under way at the same time; lastseat run does that."})
		}
		return blocks
	}
	t := e.Shortest.Transcript()
	t.Title = fmt.Sprintf("The simplest schedule that breaks: %s, %s", e.Scenario, plural(e.Shortest.Preemptions, "interruption"))
	t.Outcome = "Broken: " + e.Rule
	blocks = append(blocks, lanesOf(&t))
	var items []string
	items = append(items, e.Found...)
	if e.Anomaly != "" {
		items = append(items, "This is "+e.Anomaly+": "+strings.TrimSuffix(e.Meaning, ".")+".")
	}
	for _, m := range e.Mends {
		items = append(items, "What mends it: "+m)
	}
	if len(e.Saved) > 0 {
		items = append(items, "Saved: "+strings.Join(e.Saved, ", "))
	}
	return append(blocks, html.List{Items: items})
}

// ExploredHTML writes explored rows as a page.
func ExploredHTML(w io.Writer, rows []suite.Explored) error {
	p := &html.Page{Title: "lastseat explore"}
	p.Answer, p.Tone = exploredAnswer(rows)
	m, evidence := exploredOverview(rows), html.Section{ID: "evidence", Title: "Row by row", Intro: "Time runs downwards, a column a client."}
	for i := range rows {
		e := &rows[i]
		blocks := []html.Block{html.Text{Tone: exploredTone(e), Text: fmt.Sprintf("%s on %s (%s): %s", e.Workload, e.Label, e.Server, says(e))}}
		if e.Promise != "" {
			blocks = append(blocks, html.Text{Text: "Promised " + e.Promise + ": " + e.Why + "."})
		}
		evidence.Blocks = append(evidence.Blocks, html.Details{
			ID: exploredID(i), Summary: e.Workload + " on " + e.String(), Mark: exploredMark(e), Tone: exploredTone(e), Note: says(e),
			Open: exploredSurprise(e) || len(rows) == 1, Blocks: append(blocks, exploredHTML(e)...),
		})
	}
	p.Blocks = []html.Block{html.Section{ID: "overview", Title: "Overview", Intro: "A cell leads to its schedules.", Blocks: append(m, verdictWords())}}
	if t := exploredWays(rows); len(t.Rows) > 0 && len(rows) > 1 {
		p.Blocks = append(p.Blocks, html.Section{ID: "broke", Title: "What breaks, and what mends it", Blocks: []html.Block{t}})
	}
	p.Blocks = append(p.Blocks, evidence)
	return html.Write(w, p)
}

// exploredAnswer is what came out, in a sentence.
func exploredAnswer(rows []suite.Explored) (text string, tone html.Tone) {
	tone = html.Good
	var surprises, unsafe, safe, open, run int
	for i := range rows {
		e := &rows[i]
		if e.Verdict != harness.Skipped {
			run++
		}
		switch {
		case exploredSurprise(e):
			surprises++
		case e.Verdict == harness.Unsafe:
			unsafe++
		case e.Verdict == harness.Safe:
			safe++
		case e.Verdict == harness.Inconclusive:
			open++
		}
	}
	rest := fmt.Sprintf("%d safe, %d unsafe as promised, %d not decided", safe, unsafe, open)
	switch {
	case run == 0:
		text, tone = "Nothing was explored.", html.Open
	case len(rows) == 1:
		text, tone = fmt.Sprintf("%s on %s: %s", rows[0].Workload, rows[0].Label, says(&rows[0])), exploredTone(&rows[0])
		if surprises > 0 {
			text += ", and it was promised to be " + rows[0].Promise
		}
		text += "."
	case surprises > 0:
		text, tone = fmt.Sprintf("Not as promised: %s, of %d explored; the others: %s.", plural(surprises, "row"), run, rest), html.Alarm
	default:
		text = fmt.Sprintf("%s explored, all as promised as far as decided: %s.", plural(run, "row"), rest)
		if open > 0 {
			tone = html.Open
		} else if unsafe > 0 {
			tone = html.Bad
		}
	}
	return text, tone
}

func exploredID(i int) string { return fmt.Sprintf("row-%d", i+1) }

func exploredSurprise(e *Explored) bool {
	return !e.AsExpected && (e.Verdict == harness.Safe || e.Verdict == harness.Unsafe)
}

func exploredTone(e *Explored) html.Tone {
	if exploredSurprise(e) {
		return html.Alarm
	}
	return toneOfVerdict(e.Verdict)
}

func exploredMark(e *Explored) string {
	if exploredSurprise(e) {
		return surpriseSymbol
	}
	return symbol(e.Verdict)
}

// exploredOverview is a matrix for each workload.
func exploredOverview(rows []suite.Explored) []html.Block {
	r := &Result{}
	for i := range rows {
		r.Rows = append(r.Rows, Row{Label: rows[i].Label})
	}
	var blocks []html.Block
	for _, o := range overviews(r) {
		blocks = append(blocks, o.matrix(r, func(row *Row) html.Cell {
			i := slices.IndexFunc(r.Rows, func(other Row) bool { return other.Label == row.Label })
			e := &rows[i]
			return html.Cell{Text: exploredMark(e), Title: says(e), Tone: exploredTone(e), Link: exploredID(i)}
		}))
	}
	return blocks
}
