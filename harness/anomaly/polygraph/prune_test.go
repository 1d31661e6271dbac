package polygraph

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestCrowded: with and without the edges that follow from others, the same is known of what came before what, or both find a cycle.
func TestCrowded(t *testing.T) {
	fewer := 0
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t)
		if rapid.Bool().Draw(t, "hot") {
			p = drawHot(t)
		}
		for _, rule := range []Rule{Serializable, Snapshot, Prefix, ParallelSnapshot} {
			limits := DefaultLimits()
			all, some := newPruner(newInstance(p, rule)), newPruner(newInstance(p, rule))
			all.crowd, some.crowd = len(p.Keys)+int(p.Txns), 0
			a, b := all.prune(&limits), some.prune(&limits)
			if (a == nil) != (b == nil) {
				t.Fatalf("rule %d: with all edges the cycle is %v, with fewer %v", rule, a, b)
			}
			if len(some.edges) < len(all.edges) {
				fewer++
			}
			if a != nil {
				continue
			}
			for v := range all.nodes {
				if !slices.Equal(all.closure.before[v], some.closure.before[v]) {
					t.Fatalf("rule %d: other events are known to have come before %d", rule, v)
				}
			}
		}
	})
	if fewer == 0 {
		t.Error("no edge was ever left out")
	}
}

// drawHot is a problem of one hot key that an order explains but for a few reads: each transaction writes it, and reads some other keys.
func drawHot(t *rapid.T) *Problem {
	p := &Problem{Txns: rapid.Int32Range(3, 40).Draw(t, "transactions"), Keys: make([]Key, 4)}
	last := []int32{Initial, Initial, Initial, Initial}
	for txn := range p.Txns {
		for k := range p.Keys {
			if rapid.IntRange(0, 3).Draw(t, "reads") == 0 {
				from := last[k]
				if n := len(p.Keys[k].Writers); n > 1 && rapid.IntRange(0, 30).Draw(t, "slips") == 0 {
					from = p.Keys[k].Writers[n-2]
				}
				p.Keys[k].Reads = append(p.Keys[k].Reads, Read{txn, from})
			}
			if k == 0 || rapid.IntRange(0, 2).Draw(t, "writes") == 0 {
				p.Keys[k].Writers = append(p.Keys[k].Writers, txn)
				last[k] = txn
			}
		}
	}
	for k := range p.Keys {
		w := p.Keys[k].Writers
		p.Keys[k].Writers = rapid.Permutation(w).Draw(t, "writers")
	}
	return p
}
