package reports

import (
	"io"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/isolation"
)

// OrdersMarkdown writes what came of all orders of a schedule as Markdown: where it breaks, and the shortest order that does, there.
func OrdersMarkdown(w io.Writer, all *isolation.Orders) error {
	answer, _ := ordersAnswer(all)
	p := newMarkdown("lastseat explore", answer)
	markdownLine(&p.b, []string{"where", "verdict", "orders that break", "orders tried", ""})
	markdownLine(&p.b, []string{"---", "---", "--:", "--:", "---"})
	for i := range all.Places {
		at := &all.Places[i]
		verdict := symbol(at.Verdict) + " " + inline(string(at.Verdict))
		switch {
		case at.Skip != "":
			markdownLine(&p.b, []string{inline(at.Where), "– skipped", "", "", inline(at.Skip)})
			continue
		case at.Verdict == harness.Unsafe:
			verdict = "**" + verdict + "**"
		}
		markdownLine(&p.b, []string{inline(at.Where), verdict, number(int64(at.Breaking)), number(int64(at.Schedules)), inline(placeNote(at))})
	}
	p.b.WriteByte('\n')
	shown := 0
	for i := range all.Places {
		if at := &all.Places[i]; at.Verdict == harness.Unsafe && shown < mostFolded {
			p.folded(shown == 0, symbol(at.Verdict)+" "+at.Where+": "+at.Broken, at.Transcript+"\n\n"+at.Beside)
			shown++
		}
	}
	return p.write(w)
}

// OrdersJUnit writes JUnit's XML: a test case for each server and level.
func OrdersJUnit(w io.Writer, all *isolation.Orders) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat explore", Time: junitTime(0)}
	var cases []junitCase
	for i := range all.Places {
		at := &all.Places[i]
		verdict, says := at.Verdict, at.Broken
		switch {
		case at.Skip != "":
			verdict, says = harness.Skipped, at.Skip
		case verdict == harness.Inconclusive:
			says = at.Why
		}
		cases = append(cases, verdictCase(at.Where, verdict, says, at.Transcript+"\n\n"+at.Beside))
	}
	if all.Err != nil {
		cases = append(cases, junitCase{Name: "all servers", Error: &junitNote{Message: all.Err.Error(), Type: "error"}})
	}
	doc.add(junitSuite{Name: "explore." + all.Title}, cases...)
	return writeXML(w, doc)
}
