package reports

import (
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// axes tells which numbers differ between rows of one label.
type axes struct{ clients, cells bool }

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
		a.clients = a.clients || f.Clients != row.Clients
		a.cells = a.cells || f.Cells != row.Cells
	}
	return a
}

// step says which of its label's rows this one is: "8 clients, 10 cells"; empty where there is only one.
func (a axes) step(row *Row) string {
	var parts []string
	if a.clients {
		parts = append(parts, plural(row.Clients, "client"))
	}
	if a.cells {
		parts = append(parts, plural(row.Cells, "cell"))
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
