package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/internal/names"
)

// Check fails unless the reference names a row that will run.
func (ref Reference) Check(rows []*Row) error {
	if ref == (Reference{}) {
		return nil
	}
	var there, whole []string // rows as the table writes them, and with their targets
	same := ""                // a row of that very strategy
	for _, r := range rows {
		l := r.Label
		if r.Skip != "" {
			continue
		}
		if ref.Names(l) {
			return nil
		}
		row := strings.TrimPrefix(l.String(), l.Target+"/")
		if !slices.Contains(there, row) {
			there = append(there, row)
		}
		whole = append(whole, l.String())
		if same == "" && l.Strategy == ref.Strategy {
			same = l.String()
		}
	}
	if same != "" {
		return fmt.Errorf("unknown --reference %q; did you mean %s? There are: %s", ref, same, strings.Join(there, ", "))
	}
	return names.UnknownAmong("--reference", ref.String(), slices.Concat(there, whole), strings.Join(there, ", "))
}

// CheckOnly fails unless each name of --only is a row's.
func CheckOnly(only []string, rows []*Row) error {
	for _, name := range only {
		if !slices.ContainsFunc(rows, func(r *Row) bool { return Named(r.Label, []string{name}) }) {
			return fmt.Errorf("--only: the other flags make no row %s; rows are written as in the table: for-update@rc, "+
				"or seats:postgres/for-update@rc", names.Quote(name))
		}
	}
	return nil
}
