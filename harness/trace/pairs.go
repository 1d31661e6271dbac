package trace

import (
	"fmt"
	"slices"
)

// Pairs are all pairs of operations, each with itself too, in their order. levelOf says what the level of a transaction does.
func Pairs(operations []Operation, levelOf func(*Transaction) Level) []Pair {
	all := make([]*moments, len(operations))
	for i := range operations {
		all[i] = momentsOf(&operations[i], levelOf)
	}
	var pairs []Pair
	for i, a := range all {
		for _, b := range all[i:] {
			pairs = append(pairs, pairOf(a, b))
		}
	}
	return pairs
}

func pairOf(a, b *moments) Pair {
	p := Pair{Operations: [2]string{a.Name, b.Name}, Reasons: []Reason{}}
	if a.unseen != nil || b.unseen != nil {
		return p.unseen(a, b)
	}
	p.Deadlock = deadlock(a, b)
	conflicts := conflictsOf(a, b)
	why, ifSame := excluded(a, b, conflicts)
	if p.Unless = why; why != "" && !ifSame {
		p.Why, p.Unless = why, ""
		return p
	}
	p.Could = true
	p.add(wronged(a, b, conflicts)...)
	if a != b {
		p.add(wronged(b, a, conflictsOf(b, a))...)
	}
	if len(p.Reasons) == 0 {
		p.add(halves(a, b, conflicts))
	}
	return p
}

// unseen is of a pair of which one does what cannot be seen.
func (p Pair) unseen(a, b *moments) Pair {
	for _, m := range []*moments{a, b} {
		if m.unseen != nil {
			p.Could = true
			p.add(Reason{Kind: Unseen, Who: m.Name, Tables: []string{}, Text: fmt.Sprintf("%s does what cannot be seen from outside (%s): it could read and write any table", m.Name, m.unseen.Unseen)})
		}
	}
	return p
}

// add adds reasons, each once.
func (p *Pair) add(reasons ...Reason) {
	for _, r := range reasons {
		known := slices.ContainsFunc(p.Reasons, func(k Reason) bool {
			mutual := r.Kind == WriteSkew && k.Kind == WriteSkew && len(r.Tables) == 2 // it is said of both at once
			return k.Text == r.Text || mutual && slices.Equal(slices.Sorted(slices.Values(k.Tables)), slices.Sorted(slices.Values(r.Tables)))
		})
		if !known {
			p.Reasons = append(p.Reasons, r)
		}
	}
}

// Racing are the pairs that could race.
func (r *Report) Racing() (n int) {
	for i := range r.Pairs {
		if r.Pairs[i].Could {
			n++
		}
	}
	return n
}
