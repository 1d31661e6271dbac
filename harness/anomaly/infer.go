package anomaly

import "github.com/lastseat/lastseat/harness/history"

// inferred is what a history says by itself: the anomalies that need no cycle, and why which transaction came before which.
type inferred struct {
	found
	edges   edgeBlocks
	helpers int32 // nodes from txns on, see join
	txns    int32
	// unjudgeable says why nothing can be inferred, or is empty.
	unjudgeable string
	// blind says that a register was written by several, and that it is not known of all of them what they had read.
	blind bool
	// twice says that several may have written the same value to a register.
	twice bool
	// early says that a register was read as what its reader was only going to write.
	early bool
}

// cut is from how many edges on helper nodes stand for the pairs of a product.
const cut = 64

// join makes an edge of the kind from each of before to each of after, other than itself. Where these would be many, two
// chains of helper nodes stand for them, one leading forward and one backward through after; a transaction in both enters them
// on either side of itself, so that it is not made its own successor.
func (in *inferred) join(before, after []int32, kind edgeKind) {
	if len(before)*len(after) <= cut {
		for _, a := range before {
			for _, b := range after {
				in.edge(a, b, kind)
			}
		}
		return
	}
	in.product(before, after, kind)
}

// product is join by helper nodes.
func (in *inferred) product(before, after []int32, kind edgeKind) {
	n := int32(len(after))
	forward := in.txns + in.helpers
	backward := forward + n
	in.helpers += 2 * n
	place := make(map[int32]int32, n)
	for i, b := range after {
		i := int32(i)
		place[b] = i
		in.edges.add(edge{forward + i, b, pass})
		in.edges.add(edge{backward + i, b, pass})
		if i > 0 {
			in.edges.add(edge{forward + i - 1, forward + i, pass})
			in.edges.add(edge{backward + i, backward + i - 1, pass})
		}
	}
	for _, a := range before {
		i, both := place[a]
		if !both {
			in.edges.add(edge{a, forward, kind})
			continue
		}
		if i > 0 {
			in.edges.add(edge{a, backward + i - 1, kind})
		}
		if i < n-1 {
			in.edges.add(edge{a, forward + i + 1, kind})
		}
	}
}

func (in *inferred) edge(from, to int32, kind edgeKind) {
	if from != to {
		in.edges.add(edge{from, to, kind})
	}
}

// keyWork infers from one key after the other.
type keyWork[T any] interface {
	*T
	key(k int32)
	own() *inferred
}

func (in *inferred) own() *inferred { return in }

// perKey shares a history's keys of a kind among workers, each of which is prepared first.
func perKey[T any, W keyWork[T]](x *index, kind history.Kind, prepare func(W)) []*inferred {
	if !x.t.Holds(kind) {
		return nil
	}
	works := shared(len(x.keys), func(own *T, from, to int) {
		w := W(own)
		prepare(w)
		w.own().txns = int32(x.t.Len())
		for k := int32(from); k < int32(to) && w.own().unjudgeable == ""; k++ {
			if x.kind(k) == kind {
				w.key(k)
			}
		}
	})
	parts := make([]*inferred, len(works))
	for i := range works {
		parts[i] = W(&works[i]).own()
	}
	return parts
}

// gather is all that several have inferred, with their helper nodes renumbered one after the other.
func gather(txns int32, parts []*inferred) (all inferred, edges [][]edge) {
	all.txns = txns
	for _, p := range parts {
		if all.unjudgeable == "" {
			all.unjudgeable = p.unjudgeable
		}
		all.merge(&p.found)
		all.blind, all.twice, all.early = all.blind || p.blind, all.twice || p.twice, all.early || p.early
		if shift := all.helpers; shift > 0 && p.helpers > 0 {
			p.renumber(shift)
		}
		all.helpers += p.helpers
		edges = append(edges, p.edges...)
	}
	return all, edges
}

// renumber moves the numbers of the helper nodes.
func (in *inferred) renumber(shift int32) {
	for _, block := range in.edges {
		for i := range block {
			e := &block[i]
			if e.from >= in.txns {
				e.from += shift
			}
			if e.to >= in.txns {
				e.to += shift
			}
		}
	}
}
