package reports

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Markdown writes the report as GitHub and GitLab show it: the summary, the servers, a table for each workload and target
// under the columns of Table, and folded below them (unfolded after a surprise) what Explain says and the columns mean.
func Markdown(w io.Writer, r *Result) error {
	w = harness.VisibleWriter(w)
	var b strings.Builder
	fmt.Fprintf(&b, "## lastseat: %s\n\n", inline(Summary(r)))
	for i := range r.Servers {
		s := &r.Servers[i]
		fmt.Fprintf(&b, "- **%s**: %s\n", inline(s.Target), inline(describe(s)))
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
	var text strings.Builder
	if err := Explain(&text, r, defaultWidth); err != nil {
		return err
	}
	legend := &page{width: defaultWidth}
	(&layout{result: r, shown: usedColumns(r), full: true}).legend(legend, r)
	open := ""
	if slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Surprise() }) {
		open = " open"
	}
	fmt.Fprintf(&b, "\n<details%s><summary>What broke, why, how to see it again, and what the columns mean</summary>\n\n%s\n\n</details>\n", open, fenced(text.String()+"\n"+legend.b.String()))
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownGroup writes a heading, the table of the rows, and which rows were skipped.
func markdownGroup(b *strings.Builder, r *Result, g *group) {
	fmt.Fprintf(b, "\n### %s\n\n", inline(heading(r, g)))
	if len(g.rows) > 0 {
		full := &layout{result: r, shown: usedColumns(r)}
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
