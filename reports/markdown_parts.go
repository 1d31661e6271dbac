package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports/html"
)

// markdownPage is a report as GitHub and GitLab show it: the answer, the overview, and what is behind it, folded.
type markdownPage struct{ b strings.Builder }

// newMarkdown begins with the answer.
func newMarkdown(title, answer string) *markdownPage {
	p := &markdownPage{}
	fmt.Fprintf(&p.b, "## %s: %s\n\n", title, inline(answer))
	return p
}

// write writes it.
func (p *markdownPage) write(w io.Writer) error {
	_, err := io.WriteString(harness.VisibleWriter(w), p.b.String())
	return err
}

// line writes a paragraph.
func (p *markdownPage) line(text string) { fmt.Fprintf(&p.b, "%s\n\n", inline(text)) }

// list writes sentences.
func (p *markdownPage) list(items []string) {
	for _, item := range items {
		fmt.Fprintf(&p.b, "- %s\n", inline(item))
	}
	if len(items) > 0 {
		p.b.WriteByte('\n')
	}
}

// thresholds writes what came of conditions; nothing, if there are none.
func (p *markdownPage) thresholds(all []threshold.Outcome) {
	var b strings.Builder
	markdownThresholds(&b, all)
	if b.Len() > 0 {
		p.b.WriteString(strings.TrimPrefix(b.String(), "\n") + "\n")
	}
}

// matrix writes the matrix of a page. What nobody expected is bold.
func (p *markdownPage) matrix(m html.Matrix) {
	corner := m.Corner
	if m.Title != "" {
		corner = m.Title
	}
	head, rule := []string{inline(corner)}, []string{"---"}
	for _, g := range m.Groups {
		for i, column := range g.Columns {
			name := column
			switch {
			case len(g.Columns) == 1 && g.Name != "":
				name = g.Name
			case i == 0 && g.Name != "":
				name = g.Name + " " + column
			}
			head, rule = append(head, inline(name)), append(rule, ":-:")
		}
	}
	markdownLine(&p.b, head)
	markdownLine(&p.b, rule)
	for _, row := range m.Rows {
		line := []string{inline(row.Name)}
		for _, c := range row.Cells {
			text := inline(c.Text)
			if c.Tone == html.Alarm && text != "" {
				text = "**" + text + "**"
			}
			line = append(line, text)
		}
		markdownLine(&p.b, line)
	}
	p.b.WriteByte('\n')
}

// folded writes text that opens on a click, or is open.
func (p *markdownPage) folded(open bool, summary, text string) {
	state := ""
	if open {
		state = " open"
	}
	// Inside of HTML, Markdown's escapes would be seen.
	fmt.Fprintf(&p.b, "<details%s><summary>%s</summary>\n\n%s\n\n</details>\n\n", state, entities.Replace(oneLine(harness.Visible(summary))), fenced(text))
}

// entities keep text from being HTML.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// most transcripts are on a job's page, which has room for a megabyte in all.
const mostFolded = 20
