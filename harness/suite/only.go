package suite

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// rowNames are the names by which a row can be asked for, the shortest first: atomic@rc, or with the full level, its target and its
// workload: seats:postgres/atomic@read-committed.
func rowNames(l harness.Label) []string {
	var names []string
	for _, level := range []string{l.Isolation.Short(), string(l.Isolation)} {
		row := l.Row(level)
		names = append(names, row, l.Target+"/"+row, l.Workload+":"+row, l.Workload+":"+l.Target+"/"+row)
	}
	return names
}

// RowName is the row's whole name: seats:postgres/atomic@read-committed.
func RowName(l harness.Label) string { return l.Workload + ":" + l.String() }

// Named reports whether one of the names is the row's: its whole name, or one without its workload or its target.
func Named(l harness.Label, names []string) bool {
	return slices.ContainsFunc(rowNames(l), func(n string) bool { return slices.Contains(names, n) })
}

// Selectors are names by which rows can be chosen: rowNames, and those that several rows have, as for-update, postgres or seats.
func Selectors(l harness.Label) []string {
	way := l.Composed()
	if l.Fault != "" {
		way += "!" + l.Fault
	}
	return append(rowNames(l), way, l.Target+"/"+way, l.Workload+":"+way, l.Workload+":"+l.Target+"/"+way, l.Workload, l.Target, l.Workload+":"+l.Target)
}
