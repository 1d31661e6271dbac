package reports

import (
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
)

// ExploredJUnit writes JUnit's XML: a suite for each workload, a test case for each row. A surprise fails; unsafe as promised passes.
func ExploredJUnit(w io.Writer, rows []suite.Explored) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat explore", Time: junitTime(0)}
	var workloads []string
	cases := map[string][]junitCase{}
	for i := range rows {
		e := &rows[i]
		if cases[e.Workload] == nil {
			workloads = append(workloads, e.Workload)
		}
		var text strings.Builder
		if err := ExploredText(&text, e); err != nil {
			return err
		}
		c := junitCase{Name: e.String(), took: lasting(e.Seconds)}
		switch {
		case e.Error != "":
			c.Error = &junitNote{Message: e.Error, Type: "error"}
		case exploredSurprise(e):
			c.Failure = &junitNote{Message: says(e) + "; promised " + e.Promise, Type: "surprise", junitText: newText(text.String())}
		case e.Verdict == harness.Inconclusive, e.Verdict == harness.Skipped:
			c.Skipped = &junitNote{Message: says(e)}
		default:
			out := newText(text.String())
			c.Out = &out
		}
		cases[e.Workload] = append(cases[e.Workload], c)
	}
	for _, name := range workloads {
		doc.add(junitSuite{Name: "explore." + name}, cases[name]...)
	}
	return writeXML(w, doc)
}
