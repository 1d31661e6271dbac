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

// Weakest are, of the models that are ruled out, those of which the others follow: not are those that anomalies rule out, and alsoNot the
// others, of which some may be refuted by themselves. Sorted.
func Weakest(not, alsoNot []string) (weakest []string) {
	l := newLattice()
	out, follows := map[string]bool{}, reach(not, l.stronger)
	for _, m := range slices.Concat(not, alsoNot) {
		out[m] = true
	}
	for m := range out {
		above := slices.ContainsFunc(l.includes(m), func(w string) bool { return out[w] })
		if !above && (slices.Contains(not, m) || !follows[m]) {
			weakest = append(weakest, m)
		}
	}
	slices.Sort(weakest)
	return weakest
}
