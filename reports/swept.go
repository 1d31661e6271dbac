package reports

import (
	"strconv"

	"github.com/lastseat/lastseat/harness"
)

// swept says which sizes differ between rows of one label, so that the rows' names must tell them.
type swept struct{ clients, cells bool }

func (r *Result) swept() swept {
	var s swept
	first := map[harness.Label]*Row{}
	for i := range r.Rows {
		row := &r.Rows[i]
		if first[row.Label] == nil {
			first[row.Label] = row
		}
		s.clients = s.clients || row.Clients != first[row.Label].Clients
		s.cells = s.cells || row.Cells != first[row.Label].Cells
	}
	return s
}

// suffix is " clients=8 cells=10", or what of it tells the row from the others.
func (s swept) suffix(row *Row) string {
	text := ""
	if s.clients {
		text += " clients=" + strconv.Itoa(row.Clients)
	}
	if s.cells {
		text += " cells=" + strconv.Itoa(row.Cells)
	}
	return text
}
