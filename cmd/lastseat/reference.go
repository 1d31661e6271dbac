package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/reports"
)

// parseReference reads --reference; whether there is such a row is known once the rows are planned.
func parseReference(s string) (reports.Reference, error) {
	if s == "" {
		return reports.Reference{}, nil
	}
	ref, err := reports.ParseReference(s)
	if err != nil {
		return ref, fmt.Errorf("--reference %q: %w; write a row as the table does: for-update@read-committed", s, err)
	}
	return ref, nil
}

// checkReference fails unless the reference names a row that will run.
func (m *matrix) checkReference() error {
	ref := m.opt.reference
	if ref == (reports.Reference{}) {
		return nil
	}
	var names, there []string
	for i := range m.rows {
		l := m.rows[i].label
		if m.rows[i].offer.Skip != "" {
			continue
		}
		if ref.Names(l) {
			return nil
		}
		row := l.Strategy
		if l.Isolation != harness.NoLevel {
			row += "@" + string(l.Isolation)
		}
		if !slices.Contains(there, row) {
			there = append(there, row)
		}
		names = append(names, l.Strategy, row, l.String())
	}
	return unknownOf("--reference", ref.String(), names, strings.Join(there, ", "))
}
