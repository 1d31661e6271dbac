package reports

import (
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/recheck"
)

// CheckedMarkdown writes what was said of the files as Markdown: anomalies against files, and the witnesses of each file.
func CheckedMarkdown(w io.Writer, files []recheck.Result) error {
	answer, _ := checkedAnswer(files)
	p := newMarkdown("lastseat check", answer)
	if len(files) > 0 {
		p.matrix(checkedMatrix(files))
	}
	for i := range files {
		f := &files[i]
		var text strings.Builder
		CheckedText(&text, f, false)
		p.folded(f.Verdict == harness.Unsafe, symbol(f.Verdict)+" "+f.File+": "+f.Reason, text.String())
		if i+1 == mostFolded {
			break
		}
	}
	return p.write(w)
}

// CheckedJUnit writes JUnit's XML: a test case for each file.
func CheckedJUnit(w io.Writer, files []recheck.Result) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat check", Time: junitTime(0)}
	var cases []junitCase
	for i := range files {
		f := &files[i]
		var text strings.Builder
		CheckedText(&text, f, false)
		cases = append(cases, verdictCase(f.File, f.Verdict, f.Reason, text.String()))
	}
	doc.add(junitSuite{Name: "check"}, cases...)
	return writeXML(w, doc)
}

// verdictCase is a test case: unsafe fails, and what was not decided is skipped.
func verdictCase(name string, v harness.Verdict, says, text string) junitCase {
	c := junitCase{Name: name}
	switch v {
	case harness.Unsafe:
		c.Failure = &junitNote{Message: says, Type: "violation", junitText: newText(text)}
	case harness.Inconclusive, harness.Skipped:
		c.Skipped = &junitNote{Message: says}
	}
	return c
}
