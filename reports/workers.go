package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/engine"
)

// workers tells what processes clients were in, and which rows' figures are the workers' own.
func workers(p *page, r *Result) {
	most := 0
	spoilt := map[string][]string{} // rows, by what is wrong with a worker
	var causes []string
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Report == nil {
			continue
		}
		most = max(most, len(row.Report.Workers))
		for k := range row.Report.Workers {
			w := &row.Report.Workers[k]
			if why := spoils(w); why != "" {
				if spoilt[why] == nil {
					causes = append(causes, why)
				}
				if name := nameOf(r, row); !slices.Contains(spoilt[why], name) {
					spoilt[why] = append(spoilt[why], name)
				}
			}
		}
	}
	if most == 0 {
		return
	}
	p.blank()
	p.para("", "Clients were in "+plural(most, "worker"))
	for _, why := range causes {
		rows := spoilt[why]
		p.para("! ", fmt.Sprintf("%s: the figures of %s compare with nothing", why, plural(len(rows), "row")))
		p.para("  ", strings.Join(rows, ", "))
	}
}

// spoils says what a worker did to the figures of its row; empty: nothing.
func spoils(w *engine.Worker) string {
	switch {
	case w.Lost != "":
		return fmt.Sprintf("worker %s on %s %s", w.Name, w.Host, w.Lost)
	case w.Saturated != "":
		return fmt.Sprintf("worker %s on %s was saturated", w.Name, w.Host)
	}
	return ""
}
