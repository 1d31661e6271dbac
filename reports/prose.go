package reports

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
)

// defaultWidth is what reports are laid out for where nobody knows better.
const defaultWidth = 120

// NarrowWidth is what texts are laid out for that have to fit every terminal.
const NarrowWidth = 80

// page collects text that is wrapped at its width. Errors of the writer are kept for flush.
type page struct {
	b     strings.Builder
	width int
	// colors are the sequences that may stand in it. Text from outside can hold them too, and then be colored; nothing worse.
	colors []string
}

// line writes one line as it is. A line end inside would make it two, of which the second could say anything.
func (p *page) line(s string) {
	p.b.WriteString(strings.ReplaceAll(strings.TrimRight(s, " "), "\n", `\n`) + "\n")
}

// blank leaves a line, unless the page is empty or just left one.
func (p *page) blank() {
	if s := p.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		p.b.WriteByte('\n')
	}
}

// para writes text behind first, wrapped, its further lines indented as wide as first.
func (p *page) para(first, text string) {
	indent := twwidth.Width(first)
	for _, l := range wrap(text, p.width-indent) {
		p.line(first + l)
		first = strings.Repeat(" ", indent)
	}
}

// Paragraph writes text behind first, wrapped at NarrowWidth, its further lines indented as wide as first.
func Paragraph(w io.Writer, first, text string) error {
	p := &page{width: NarrowWidth}
	p.para(first, text)
	return p.flush(w)
}

func (p *page) flush(w io.Writer) error {
	_, err := io.WriteString(harness.VisibleWriter(w, p.colors...), p.b.String())
	return err
}

// wrap breaks text at blanks into lines no wider than width; longer words (a path) keep a line of their own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case twwidth.Width(line)+1+twwidth.Width(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// fit is text in at most two lines of width, cut with an ellipsis.
func fit(text string, width int) string {
	lines := wrap(text, width)
	if len(lines) > 2 {
		lines = []string{lines[0], strings.Join(lines[1:], " ")}
	}
	for i, l := range lines {
		if twwidth.Width(l) > width {
			lines[i] = strings.TrimRight(twwidth.Truncate(l, max(width-1, 1)), " ,:") + "…"
		}
	}
	return strings.Join(lines, "\n")
}

// fold is text in lines no wider than width, broken anywhere.
func fold(text string, width int) string {
	var lines []string
	line := ""
	for _, r := range text {
		if line != "" && twwidth.Width(line+string(r)) > width {
			lines = append(lines, line)
			line = ""
		}
		line += string(r)
	}
	return strings.Join(append(lines, line), "\n")
}

// pad fills s with blanks up to width.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(width-twwidth.Width(s), 0)) }
