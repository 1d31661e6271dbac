package reports

import (
	"fmt"
	"io"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/reports/html"
)

// OrdersHTML writes what came of all orders of a schedule as a page: where it breaks, and the shortest order that does, there.
func OrdersHTML(w io.Writer, all *isolation.Orders) error {
	p := &html.Page{Title: "lastseat explore", Facts: []string{all.File, "judged by " + all.Judge}}
	p.Answer, p.Tone = ordersAnswer(all)
	t := html.Table{Head: []string{"where", "verdict", "orders that break", "orders tried", ""}, Left: []bool{true, true, false, false, true}}
	evidence := html.Section{ID: "evidence", Title: "The shortest order that breaks", Intro: "Time runs downwards, a column a session."}
	for i := range all.Places {
		at := &all.Places[i]
		if at.Skip != "" {
			t.Rows = append(t.Rows, []html.Cell{{Text: at.Where}, {Text: "– skipped", Tone: html.Faint}, {}, {}, {Text: at.Skip, Tone: html.Faint}})
			continue
		}
		where := html.Cell{Text: at.Where}
		if at.Verdict == harness.Unsafe {
			where.Link = measuredID(i)
			evidence.Blocks = append(evidence.Blocks, html.Details{
				ID: measuredID(i), Summary: at.Where, Mark: symbol(at.Verdict), Tone: html.Alarm, Note: at.Server + ": " + at.Broken, Open: len(evidence.Blocks) == 0, Blocks: orderHTML(all, at),
			})
		}
		t.Rows = append(t.Rows, []html.Cell{where, verdictHTML(at.Verdict, "", ""), {Text: number(int64(at.Breaking))}, {Text: number(int64(at.Schedules))}, {Text: placeNote(at)}})
	}
	p.Blocks = append(p.Blocks, html.Section{ID: "overview", Title: "Overview", Intro: "A name leads to the order that breaks there.", Blocks: []html.Block{t}})
	if len(evidence.Blocks) > 0 {
		p.Blocks = append(p.Blocks, evidence)
	}
	return html.Write(w, p)
}

// orderHTML is the shortest order that breaks at a place.
func orderHTML(all *isolation.Orders, at *isolation.Place) []html.Block {
	blocks := []html.Block{html.Code{Text: at.Transcript}}
	if at.Beside != "" {
		blocks = append(blocks, html.Code{Label: "what it left, beside what the sessions leave one after the other", Text: at.Beside})
	}
	for _, n := range at.Notes {
		blocks = append(blocks, html.Text{Text: n})
	}
	again := "lastseat explore " + ShellWord(all.File)
	if at.Saved != "" {
		again = "lastseat replay " + ShellWord(at.Saved)
	}
	return append(blocks, html.Code{Label: "again", Text: again, Command: true})
}

// ordersAnswer is what came out, in a sentence.
func ordersAnswer(all *isolation.Orders) (string, html.Tone) {
	var unsafe, open []string
	for _, at := range all.Tried() {
		switch at.Verdict {
		case harness.Unsafe:
			unsafe = append(unsafe, at.Where)
		case harness.Inconclusive:
			open = append(open, at.Where)
		}
	}
	switch {
	case all.Err != nil:
		return fmt.Sprintf("%s: not everywhere: %s", all.Title, all.Err), html.Alarm
	case len(all.Tried()) == 0:
		return all.Title + ": nothing was tried.", html.Open
	case len(unsafe) > 0:
		return fmt.Sprintf("%s is unsafe: some order of its statements breaks at %s.", all.Title, some(unsafe)), html.Alarm
	case len(open) > 0:
		return fmt.Sprintf("%s is not decided at %s; nothing that was decided breaks.", all.Title, some(open)), html.Open
	}
	return fmt.Sprintf("%s is safe: no order that was tried breaks, at %s.", all.Title, plural(len(all.Tried()), "place")), html.Good
}
