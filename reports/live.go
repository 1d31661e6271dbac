package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// liveView is lines at the end of a terminal that are replaced, and taken away in the end: what scrolled by before stays as it is.
type liveView struct {
	w     io.Writer
	size  func() (columns, rows int)
	shown []int // how wide the lines are that stand there
}

// draw replaces the lines. One column is kept free: some terminals wrap as soon as the last one is written.
func (v *liveView) draw(lines []string) {
	columns, rows := v.size()
	var b strings.Builder
	b.WriteString(v.back(columns))
	lines = lines[:min(len(lines), max(rows-1, 1))] // what scrolled out could not be replaced
	v.shown = v.shown[:0]
	for i, text := range lines {
		text = twwidth.Truncate(text, columns-1)
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(text + esc + "K")
		v.shown = append(v.shown, twwidth.Width(text))
	}
	b.WriteString(esc + "J")
	_, _ = io.WriteString(v.w, b.String())
}

// clear takes the lines away.
func (v *liveView) clear() {
	if len(v.shown) == 0 {
		return
	}
	columns, _ := v.size()
	_, _ = io.WriteString(v.w, v.back(columns)+esc+"J")
	v.shown = v.shown[:0]
}

// back goes to where the lines begin. A terminal that became narrower since has wrapped them.
func (v *liveView) back(columns int) string {
	up := -1
	for _, width := range v.shown {
		up += max((width+columns-1)/max(columns, 1), 1)
	}
	if up > 0 {
		return fmt.Sprintf("\r%s%dA", esc, up)
	}
	return "\r"
}
