package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
)

const compareVersion = 1

type compareDocument struct {
	Version int  `json:"version"`
	Kind    Kind `json:"kind"`
	*compare.Result
}

// CompareJSON writes a comparison as one document.
func CompareJSON(w io.Writer, r *compare.Result) error {
	doc := *r
	doc.Old.Servers, doc.New.Servers, doc.Thresholds = list(r.Old.Servers), list(r.New.Servers), list(r.Thresholds)
	return writeJSON(w, compareDocument{compareVersion, CompareKind, &doc})
}

// ReadCompareJSON reads what CompareJSON wrote.
func ReadCompareJSON(text []byte) (*compare.Result, error) {
	doc := compareDocument{Result: &compare.Result{}}
	return doc.Result, readJSON(text, compareVersion, &doc)
}

// CompareMarkdown writes a comparison as GitHub and GitLab show it.
func CompareMarkdown(w io.Writer, r *compare.Result) error {
	var b strings.Builder
	answer, _ := compareAnswer(r)
	fmt.Fprintf(&b, "## lastseat compare: %s\n\n", inline(answer))
	for _, side := range []struct {
		name string
		of   *compare.Side
	}{{"old", &r.Old}, {"new", &r.New}} {
		var facts []string
		for _, f := range sideFacts(side.of) {
			facts = append(facts, inline(f))
		}
		fmt.Fprintf(&b, "- **%s**: %s\n", side.name, strings.Join(facts, "; "))
	}
	for _, l := range []struct {
		title string
		items []string
	}{{"Why, as far as it was measured", compareWhy(r)}, {"What to do", compareDo(r)}} {
		if len(l.items) > 0 {
			fmt.Fprintf(&b, "\n### %s\n\n", l.title)
		}
		for _, item := range l.items {
			fmt.Fprintf(&b, "- %s\n", inline(item))
		}
	}
	markdownChanges(&b, r)
	markdownThresholds(&b, r.Thresholds)
	lines, left := figureLines(r)
	if len(lines) > 0 {
		b.WriteString("\n### Figures\n\n")
		markdownLine(&b, figureHead)
		markdownLine(&b, []string{"---", "---", "--:", "--:", "--:", "--:", "---"})
		for i := range lines {
			cells := lines[i].cells()
			for k := range cells {
				cells[k] = inline(cells[k])
			}
			markdownLine(&b, cells)
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n%s\n", inline(leftText(r, left, "--json")))
	}
	for _, l := range []struct {
		title string
		rows  []compare.Lone
	}{{"Only in the old", r.OnlyOld}, {"Only in the new", r.OnlyNew}} {
		if len(l.rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n<details><summary>%s: %s</summary>\n\n", l.title, plural(len(l.rows), "row"))
		for i := range l.rows {
			fmt.Fprintf(&b, "- %s\n", inline(loneText(&l.rows[i])))
		}
		b.WriteString("\n</details>\n")
	}
	for _, note := range compareNotes(r) {
		fmt.Fprintf(&b, "\n%s\n", inline(note))
	}
	if r.More != "" {
		fmt.Fprintf(&b, "\n%s\n", fenced(r.More))
	}
	_, err := io.WriteString(harness.VisibleWriter(w), b.String())
	return err
}

// markdownChanges writes the verdicts that changed.
func markdownChanges(b *strings.Builder, r *compare.Result) {
	for i, row := range verdictsChanged(r) {
		if i == 0 {
			b.WriteString("\n### Verdicts that changed\n\n")
			markdownLine(b, []string{"", "row", "verdict", "reason"})
			markdownLine(b, []string{"---", "---", "---", "---"})
		}
		verdict := inline(changedVerdict(row))
		if row.Change == compare.Violation {
			verdict = "**" + verdict + "**"
		}
		markdownLine(b, []string{strings.TrimSpace(changeMark(row)), inline(row.Name), verdict, inline(row.Why)})
	}
}

// CompareJUnit writes JUnit's XML: a test case for each row, which fails where it breaks and did not, and one for each threshold. A row that is
// not decided any more is skipped.
func CompareJUnit(w io.Writer, r *compare.Result) error {
	w = harness.VisibleWriter(w)
	doc := junitSuites{Name: "lastseat compare", Time: junitTime(0)}
	var cases []junitCase
	for i := range r.Rows {
		row := &r.Rows[i]
		c := junitCase{Name: row.Name}
		switch row.Change {
		case compare.Violation:
			c.Failure = &junitNote{Message: changedVerdict(row), Type: "new violation", junitText: newText("\n" + row.Why + "\n" + row.Command + "\n")}
		case compare.Worse:
			c.Skipped = &junitNote{Message: changedVerdict(row) + ": " + row.Why}
		case compare.Better, compare.Same, compare.Other:
		}
		var text strings.Builder
		for k := range row.Figures {
			f := &row.Figures[k]
			fmt.Fprintf(&text, "\n%s: %s, was %s: %s", f.Metric, summaryText(f.Unit, &f.New), summaryText(f.Unit, &f.Old), changeText(f))
			if f.Known {
				text.WriteString(", p " + pText(f))
			}
		}
		if text.Len() > 0 {
			out := newText(text.String() + "\n")
			c.Out = &out
		}
		cases = append(cases, c)
	}
	doc.add(junitSuite{Name: "compare." + r.Of}, cases...)
	junitThresholds(&doc, r.Thresholds)
	return writeXML(w, doc)
}
