package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness"
)

// foreign is which strategies do not apply to a target, of those that nobody asked for by name.
type foreign struct {
	target     string
	strategies []string
}

// foreignTo is one for each target that has such strategies.
func foreignTo(r *Result) []*foreign {
	var all []*foreign
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.Foreign {
			continue
		}
		at := slices.IndexFunc(all, func(f *foreign) bool { return f.target == row.Label.Target })
		if at < 0 {
			at = len(all)
			all = append(all, &foreign{target: row.Label.Target})
		}
		if name := harness.VisibleLine(row.Label.Strategy); !slices.Contains(all[at].strategies, name) {
			all[at].strategies = append(all[at].strategies, name)
		}
	}
	return all
}

// text names the strategies.
func (f *foreign) text() string { return f.naming(len(f.strategies)) }

// naming names the first n, and counts the others.
func (f *foreign) naming(n int) string {
	names := strings.Join(f.strategies[:n], ", ")
	switch left := len(f.strategies) - n; {
	case left > 0 && n > 0:
		names += fmt.Sprintf(" and %d more", left)
	case left > 0:
		names = fmt.Sprintf("%d of the strategies", left)
	}
	return fmt.Sprintf("not on %s: %s (--strategy NAME says why)", f.target, names)
}

// line is the text in one line of that width, with as many names as fit.
func (f *foreign) line(width int) string {
	n := len(f.strategies)
	for n > 0 && twwidth.Width("– "+f.naming(n)) > width {
		n--
	}
	return "– " + f.naming(n)
}
