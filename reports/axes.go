package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// axis is a number in which rows of one label differ.
type axis struct {
	name string // clients
	one  string // what one of it is: client; empty: the name follows the number
	of   func(*Row) float64
}

// allAxes are the axes of numbers; charts are drawn over the first of them that there is.
var allAxes = []axis{
	{"clients", "client", func(row *Row) float64 { return float64(row.Clients) }},
	{"operations/s due", "", func(row *Row) float64 { return row.Rate }},
	{"zipfian constant", "", func(row *Row) float64 { return row.Skew }},
	{"cells", "cell", func(row *Row) float64 { return float64(row.Cells) }},
}

// clientsAxis and the others are places in allAxes.
const (
	clientsAxis = iota
	rateAxis
	skewAxis
	cellsAxis
)

// text is a value of the axis: 8 clients, 2,000 operations/s due, zipfian constant 0.8.
func (a *axis) text(v float64) string {
	switch {
	case a.one != "":
		return plural(int(v), a.one)
	case strings.HasPrefix(a.name, "zipfian"):
		return a.name + " " + stepNumber(v)
	}
	return stepNumber(v) + " " + a.name
}

// stepNumber is a value of an axis without its unit.
func stepNumber(v float64) string {
	if v == float64(int64(v)) {
		return number(int64(v))
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// axes tells which numbers differ between rows of one label, by their places in allAxes.
type axes [cellsAxis + 1]bool

func axesOf(r *Result) axes {
	var a axes
	first := map[harness.Label]*Row{}
	for i := range r.Rows {
		row := &r.Rows[i]
		f := first[row.Label]
		if f == nil {
			first[row.Label] = row
			continue
		}
		for k := range allAxes {
			a[k] = a[k] || allAxes[k].of(f) != allAxes[k].of(row)
		}
	}
	return a
}

// any reports whether there is an axis of numbers.
func (a axes) any() bool { return slices.Contains(a[:], true) }

// step says which of its label's rows this one is: "8 clients, 10 cells"; empty where there is only one.
func (a axes) step(row *Row) string { return a.stepBut(row, -1) }

// stepBut is step without one of the axes.
func (a axes) stepBut(row *Row, but int) string {
	var parts []string
	for _, k := range []int{clientsAxis, cellsAxis, rateAxis, skewAxis} {
		if a[k] && k != but {
			parts = append(parts, allAxes[k].text(allAxes[k].of(row)))
		}
	}
	return strings.Join(parts, ", ")
}

// nameOf is a row as people cite it: seats on postgres/for-update@read-committed at 8 clients.
func nameOf(r *Result, row *Row) string {
	name := row.Label.Workload + " on " + row.Label.String()
	if step := axesOf(r).step(row); step != "" {
		name += " at " + step
	}
	return name
}
