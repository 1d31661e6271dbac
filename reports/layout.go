package reports

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

const (
	columnGap   = 2  // blanks between columns
	leastReason = 12 // what a reason gets even where the width is too small
	leastName   = 8  // what a row's name gets there
)

// layout is shared by all groups, so that their columns stand in line.
type layout struct {
	result *Result
	shown  []int // the columns
	full   bool  // levels by their full names
	widths [len(columns)]int
}

// layOut shows as many columns as leave room for the longest reason in one line. Where even the fewest do not, reasons get two lines,
// and where that is not enough either, they are cut, and the rows' names are folded.
func layOut(r *Result, groups []*group, width int) *layout {
	full, short := measure(r, groups, true), measure(r, groups, false)
	longest := short.widths[reasonColumn]
	for _, room := range []int{longest, max(longest/2+leastReason/2, leastReason), leastReason} {
		for dropped := range len(leastWorth) + 1 {
			for _, l := range []*layout{full, short} {
				if l = l.without(leastWorth[:dropped]); l.left(width) >= room {
					l.widths[reasonColumn] = l.left(width)
					return l
				}
			}
		}
	}
	l := short.without(leastWorth)
	l.widths[reasonColumn] = leastReason
	l.widths[rowColumn] = max(leastName, l.widths[rowColumn]+l.left(width)-leastReason)
	return l
}

// measure is the layout of all columns that say something, each as wide as its widest cell.
func measure(r *Result, groups []*group, full bool) *layout {
	l := &layout{result: r, shown: usedColumns(r), full: full}
	for i, name := range headings(r) {
		l.widths[i] = twwidth.Width(name)
	}
	for _, g := range groups {
		for _, row := range g.rows {
			cells := cellsOf(r, row, full)
			if row.Failed() {
				cells[reasonColumn] = "" // errors are cut anyway
			}
			for i, cell := range cells {
				l.widths[i] = max(l.widths[i], twwidth.Width(cell))
			}
		}
	}
	return l
}

// without is the layout without some columns.
func (l *layout) without(columns []int) *layout {
	fewer := *l
	fewer.shown = slices.DeleteFunc(slices.Clone(l.shown), func(i int) bool { return slices.Contains(columns, i) })
	return &fewer
}

// shows reports whether a column is shown.
func (l *layout) shows(column int) bool { return slices.Contains(l.shown, column) }

// left is what the other columns leave of the width to the reason.
func (l *layout) left(width int) int {
	for _, i := range l.shown[:len(l.shown)-1] {
		width -= l.widths[i] + columnGap
	}
	return width
}

// write lets tablewriter write the group's table, then colours it: no escape sequence can disturb a width.
func (l *layout) write(p *page, g *group, color bool) error {
	if len(g.rows) == 0 {
		return nil
	}
	var widths, right []int
	for at, i := range l.shown {
		widths = append(widths, l.widths[i])
		if !isText(i) {
			right = append(right, at)
		}
	}
	var b strings.Builder
	t := plainTable(&b, widths, right...)
	t.Header(l.pick(headings(l.result)))
	for _, row := range g.rows {
		cells := cellsOf(l.result, row, l.full)
		cells[rowColumn] = fold(cells[rowColumn], l.widths[rowColumn])
		cells[reasonColumn] = fit(cells[reasonColumn], l.widths[reasonColumn])
		if err := t.Append(l.pick(cells)); err != nil {
			return err
		}
	}
	return render(p, t, &b, color)
}

// pick is the cells of the columns that are shown.
func (l *layout) pick(all []string) []string {
	var cells []string
	for _, i := range l.shown {
		cells = append(cells, all[i])
	}
	return cells
}
