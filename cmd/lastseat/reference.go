package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
)

// parseReference reads --reference; whether there is such a row is known once the rows are planned.
func parseReference(s string) (suite.Reference, error) {
	if s == "" {
		return suite.Reference{}, nil
	}
	ref, err := suite.ParseReference(s)
	if err != nil {
		return ref, fmt.Errorf("--reference %q: %w; write a row as the table does: for-update@read-committed", s, err)
	}
	return ref, nil
}

// checkReference fails unless the reference names a row that will run.
func checkReference(ref suite.Reference, rows []*suite.Row) error {
	if ref == (suite.Reference{}) {
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
