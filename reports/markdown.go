package reports

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Markdown writes the report as GitHub and GitLab show it: the summary, the overview, the servers, a table for each workload and target
// under the columns of Table that a job's page has room for, and folded below them what Explain says (unfolded after a surprise) and what
// the columns mean.
func Markdown(w io.Writer, r *Result) error {
	w = harness.VisibleWriter(w)
	var b strings.Builder
	fmt.Fprintf(&b, "## lastseat: %s\n\n", inline(Summary(r)+behind(" · ", thresholdSummary(r.Thresholds), "")))
	markdownOverview(&b, r)
	for i := range r.Servers {
		s := &r.Servers[i]
		fmt.Fprintf(&b, "- **%s**: %s\n", inline(s.Target), inline(describe(s)))
	}
	for i := range r.Backends {
		fmt.Fprintf(&b, "- **%s**: %s\n", inline(r.Backends[i].Component), inline(describeBackend(&r.Backends[i])))
	}
	for _, warning := range warnings(r) {
		fmt.Fprintf(&b, "\n> **Warning:** %s\n", inline(warning))
	}
	for _, g := range groups(r) {
		markdownGroup(&b, r, g)
	}
	for _, f := range foreignTo(r) {
		fmt.Fprintf(&b, "\n%s\n", inline(f.text()))
	}
	markdownThresholds(&b, r.Thresholds)
	var text strings.Builder
	if err := Explain(&text, r, defaultWidth); err != nil {
		return err
	}
	legend := &page{width: defaultWidth}
	markdownLayout(r).legend(legend, r)
	open := ""
	if slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Surprise() }) {
		open = " open"
	}
	fmt.Fprintf(&b, "\n<details%s><summary>What broke, why, and how to see it again</summary>\n\n%s\n\n</details>\n", open, fenced(text.String()))
	fmt.Fprintf(&b, "\n<details><summary>What the columns and signs mean</summary>\n\n%s\n\n</details>\n",
		fenced(strings.TrimSpace(legend.b.String())+"\n"+signs))
	_, err := io.WriteString(w, b.String())
	return err
}

// signs are those of the overview.
const signs = "✓ safe  ✗ unsafe, as expected  ✗! unsafe although expected safe  ? not decided  · quiet  – skipped\n" +
	"ru read-uncommitted, rc read-committed, rr repeatable-read, ser serializable"

// markdownLayout is the columns that a job's page has room for.
func markdownLayout(r *Result) *layout {
	return (&layout{result: r, shown: usedColumns(r), full: true}).without([]int{triesColumn, p50Column, waitingColumn})
}

// markdownOverview writes the verdicts of each workload's rows against targets and levels.
func markdownOverview(b *strings.Builder, r *Result) {
	for _, o := range overviews(r) {
		head, rule := []string{inline(o.workload)}, []string{"---"}
		for _, t := range o.blocks {
			for i, l := range t.levels {
				name := inline(t.target)
				switch {
				case i > 0:
					name = inline(l.Short())
				case l != harness.NoLevel:
					name += " " + inline(l.Short())
				}
				head, rule = append(head, name), append(rule, ":-:")
			}
		}
		markdownLine(b, head)
		markdownLine(b, rule)
		for _, name := range o.rows {
			line := []string{inline(name)}
			for _, t := range o.blocks {
				for _, l := range t.levels {
					cell := ""
					if row := o.at[place{t.target, name, l}]; row != nil {
						cell = mark(row)
						if row.Surprise() {
							cell = "**✗!**"
						}
					}
					line = append(line, cell)
				}
			}
			markdownLine(b, line)
		}
		b.WriteByte('\n')
	}
}

// markdownGroup writes a heading, the table of the rows, and which rows were skipped.
func markdownGroup(b *strings.Builder, r *Result, g *group) {
	fmt.Fprintf(b, "\n### %s\n\n", inline(heading(r, g)))
	if len(g.rows) > 0 {
		full := markdownLayout(r)
		markdownLine(b, full.pick(headings(r)))
		rule := make([]string, len(columns))
		for i := range rule {
			if rule[i] = "--:"; isText(i) {
				rule[i] = "---"
			}
		}
		markdownLine(b, full.pick(rule))
		for _, row := range g.rows {
			cells := cellsOf(r, row, true)
			for i := range cells {
				cells[i] = inline(cells[i])
			}
			if row.Surprise() {
				cells[verdictColumn] = "**" + cells[verdictColumn] + "**"
			}
			markdownLine(b, full.pick(cells))
		}
	}
	names, reasons := g.skips(true)
	for i := range names {
		fmt.Fprintf(b, "\nSkipped: %s – %s\n", inline(names[i]), inline(reasons[i]))
	}
	if note := baseNote(r, g); note != "" {
		fmt.Fprintf(b, "\n%s\n", inline(note))
	}
	if note := queueNote(r, g); note != "" {
		fmt.Fprintf(b, "\n%s\n", inline(note))
	}
	drawn := &page{width: defaultWidth}
	if plots(drawn, r, g); drawn.b.Len() > 0 {
		fmt.Fprintf(b, "\n%s\n", fenced(drawn.b.String()))
	}
}

func markdownLine(b *strings.Builder, cells []string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// markdownEscapes keep text from being markup; an escaped pipe does not end a cell.
var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "~", `\~`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
)

// oneLine is text without line ends, and with single blanks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// inline is text as one line of Markdown.
func inline(text string) string { return markdownEscapes.Replace(oneLine(harness.Visible(text))) }

// fenced is text as a block of code. The fence is longer than any in the text.
func fenced(text string) string {
	fence := "```"
	for _, ticks := range regexp.MustCompile("`{3,}").FindAllString(text, -1) {
		fence = strings.Repeat("`", max(len(fence), len(ticks)+1))
	}
	return fence + "text\n" + strings.Trim(text, "\n") + "\n" + fence
}
