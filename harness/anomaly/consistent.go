package anomaly

import (
	"maps"
	"slices"
)

// ConsistentInBoth is the strongest models that two histories together leave standing, where each alone leaves those of a and of b:
// a model stands as long as one that includes it does, in both. Sorted. Names that no model has stand for nothing.
func ConsistentInBoth(a, b []string) []string {
	l := newLattice()
	both := reach(a, l.includes)
	other := reach(b, l.includes)
	maps.DeleteFunc(both, func(m string, _ bool) bool { return !other[m] || l.all[m].name == "" })
	strongest := []string{}
	for m := range both {
		if m != "linearizable" && !slices.ContainsFunc(l.included(m), func(s string) bool { return both[s] }) {
			strongest = append(strongest, m)
		}
	}
	slices.Sort(strongest)
	return strongest
}

// Familiar is the strongest models, among those that databases are asked for by name, that stand where these are the strongest of
// all. The weakest first.
func Familiar(standing []string) []string {
	l := newLattice()
	stand := reach(standing, l.includes)
	known := slices.DeleteFunc([]string{
		"read-uncommitted", "read-committed", "repeatable-read", "snapshot-isolation", "serializable", StrictSerializable,
	}, func(m string) bool { return !stand[m] })
	return slices.DeleteFunc(known, func(m string) bool {
		return slices.ContainsFunc(known, func(k string) bool { return k != m && reach([]string{k}, l.weaker)[m] })
	})
}
