package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// thresholds says of each condition whether it failed, and where.
func (p *page) thresholds(all []threshold.Outcome) {
	if len(all) == 0 {
		return
	}
	p.blank()
	p.line("Thresholds")
	for i := range all {
		o := &all[i]
		p.para("  "+thresholdMark(o)+" ", thresholdText(o))
		for _, row := range o.Rows {
			if row.Failed {
				p.para("      ", row.Row+": "+row.Text)
				if row.Again != "" {
					p.line("      " + row.Again)
				}
			}
		}
	}
}

// ThresholdsText writes what came of conditions below what was told already.
func ThresholdsText(w io.Writer, width int, all []threshold.Outcome) error {
	p := &page{width: cmp.Or(width, defaultWidth)}
	if len(all) > 0 {
		p.line("")
	}
	p.thresholds(all)
	return p.flush(w)
}

func thresholdMark(o *threshold.Outcome) string {
	if o.Skipped {
		return "–"
	}
	if o.Failed {
		return "✗"
	}
	return "✓"
}

// thresholdText is "for-update: p99 > 50ms: failed on 1 of 3 rows".
func thresholdText(o *threshold.Outcome) string {
	failed := 0
	for _, row := range o.Rows {
		if row.Failed {
			failed++
		}
	}
	switch {
	case o.Skipped:
		return o.Threshold + ": not judged: " + o.Note
	case o.Note != "":
		return o.Threshold + ": FAILED: " + o.Note
	case failed > 0:
		return fmt.Sprintf("%s: FAILED on %d of %s", o.Threshold, failed, plural(len(o.Rows), "row"))
	case len(o.Rows) == 1:
		return o.Threshold + ": passed: " + o.Rows[0].Text
	}
	return fmt.Sprintf("%s: passed on %s", o.Threshold, plural(len(o.Rows), "row"))
}

func failedThresholds(all []threshold.Outcome) (n int) {
	for i := range all {
		if all[i].Failed {
			n++
		}
	}
	return n
}

// thresholdSummary is a sentence for where the answer stands; empty: none failed.
func thresholdSummary(all []threshold.Outcome) string {
	if n := failedThresholds(all); n > 0 {
		return fmt.Sprintf("%d of %s failed", n, plural(len(all), "threshold"))
	}
	return ""
}

// behind is a text with what is before and behind it, where there is one.
func behind(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}

// markdownThresholds writes a table of the conditions.
func markdownThresholds(b *strings.Builder, all []threshold.Outcome) {
	if len(all) == 0 {
		return
	}
	b.WriteString("\n### Thresholds\n\n")
	markdownLine(b, []string{"", "fails if", "row", ""})
	markdownLine(b, []string{"---", "---", "---", "---"})
	for i := range all {
		o := &all[i]
		if o.Note != "" && !o.Skipped {
			markdownLine(b, []string{"✗", inline(o.Threshold), "", "**" + inline(o.Note) + "**"})
		}
		if o.Skipped {
			markdownLine(b, []string{"–", inline(o.Threshold), "", "not judged: " + inline(o.Note)})
		}
		for k := range o.Rows {
			row := &o.Rows[k]
			mark, text := "✓", inline(row.Text)
			if row.Failed {
				mark, text = "✗", "**"+text+"**"
			}
			markdownLine(b, []string{mark, inline(o.Threshold), inline(row.Row), text})
		}
	}
}

// thresholdsHTML is a section of the conditions; no blocks: there are none.
func thresholdsHTML(all []threshold.Outcome) []html.Block {
	if len(all) == 0 {
		return nil
	}
	t := html.Table{Head: []string{"fails if", "row", "", ""}, Left: []bool{true, true, true, true}}
	for i := range all {
		o := &all[i]
		if o.Skipped {
			t.Rows = append(t.Rows, []html.Cell{{Text: o.Threshold}, {}, {Text: "– not judged", Tone: html.Faint}, {Text: o.Note}})
		} else if o.Note != "" {
			t.Rows = append(t.Rows, []html.Cell{{Text: o.Threshold}, {}, {Text: "✗ FAILED", Tone: html.Alarm}, {Text: o.Note}})
		}
		for k := range o.Rows {
			row := &o.Rows[k]
			mark := html.Cell{Text: "✓ passed", Tone: html.Good}
			if row.Failed {
				mark = html.Cell{Text: "✗ FAILED", Tone: html.Alarm}
			}
			t.Rows = append(t.Rows, []html.Cell{{Text: o.Threshold}, {Text: row.Row}, mark, {Text: row.Text}})
		}
	}
	return []html.Block{html.Section{ID: "thresholds", Title: "Thresholds", Blocks: []html.Block{t}}}
}

// withThresholds is an answer with what failed of its conditions.
func withThresholds(answer string, all []threshold.Outcome) string {
	return answer + behind(" ", thresholdSummary(all), ".")
}

// junitThresholds adds a suite with a test case for each condition.
func junitThresholds(doc *junitSuites, all []threshold.Outcome) {
	if len(all) == 0 {
		return
	}
	var cases []junitCase
	for i := range all {
		o := &all[i]
		c := junitCase{Name: o.Threshold}
		var text strings.Builder
		for _, row := range o.Rows {
			text.WriteString("\n" + row.Row + ": " + row.Text)
			if row.Again != "" {
				text.WriteString("\n  " + row.Again)
			}
		}
		out := newText(text.String() + "\n")
		switch {
		case o.Skipped:
			c.Skipped = &junitNote{Message: thresholdText(o)}
		case !o.Failed:
			c.Out = &out
		default:
			c.Failure = &junitNote{Message: thresholdText(o), Type: "threshold", junitText: out}
		}
		cases = append(cases, c)
	}
	doc.add(junitSuite{Name: "thresholds"}, cases...)
}
