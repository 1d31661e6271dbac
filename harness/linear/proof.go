package linear

import "slices"

// ProofKind is why a history is not linearizable.
type ProofKind uint8

const (
	// Fits: it is.
	Fits ProofKind = iota
	// Nowhere: Ops[0] found a value that nobody can have written.
	Nowhere
	// Future: Ops[0] found what Ops[1] wrote, and had returned before Ops[1] was called.
	Future
	// Twice: Ops[0] and Ops[1] both swapped away a value that was written once, or took an element that was put in once.
	Twice
	// Circle: each of Ops swapped away what the next one set, the last one what the first set.
	Circle
	// Late: Ops[0] had found or set a value that came, by swaps, after the one that Ops[1] found or set, and had returned before
	// Ops[1] was called.
	Late
	// Crossed: Ops[0] and Ops[3] found or set one value, Ops[1] and Ops[2] another. Ops[0] returned before Ops[1] was called, so
	// the first value was the earlier; Ops[2] returned before Ops[3] was called, so it was the later. Ops[0] is -1 where the
	// first value is the one at the start.
	Crossed
	// Beyond: Ops[0] took more from a stock than it can have held, at most Held[0], or was refused though it held at least
	// Held[0] all the time.
	Beyond
	// Overtaken: Ops[0] had put an element in before Ops[1] put in another, which Ops[2] took. That had returned before Ops[3],
	// which took the first element, was called. Ops[3] is -1 where nobody took it.
	Overtaken
	// Occupied: Ops[0] found a queue empty. The others are pairs, of an operation that put an element in and of one that took it
	// (-1: nobody did): at each moment of Ops[0] one of these elements was in.
	Occupied
	// Unplaced: up to the return of Ops[0] there is an order, with it there is none.
	Unplaced
)

// Proof says which operations, by their place in Object.Ops, leave no order.
type Proof struct {
	Kind ProofKind
	Ops  []int
	// Held is, of Unplaced, what a register could have held for Ops[0] to find; nil where that is not known. Of Beyond it is
	// what a stock held.
	Held []int64
}

// Holdable returns the values that a register may have held at some moment of operation i; possibly more, never fewer. It
// rests on writes alone: a value is gone once a later write has returned.
func (o *Object) Holdable(i int) []int64 {
	op := &o.Ops[i]
	var last int64 // the latest call of a write that had returned before i was called
	overwritten := false
	for j := range o.Ops {
		w := &o.Ops[j]
		if w.changes() && w.Return < op.Call && (!overwritten || w.Call > last) {
			last, overwritten = w.Call, true
		}
	}
	var held []int64
	if !overwritten {
		held = append(held, o.Start)
	}
	for j := range o.Ops {
		w := &o.Ops[j]
		if j != i && w.changes() && w.Call <= op.Return && (!overwritten || w.Return >= last) {
			held = append(held, w.Value)
		}
	}
	slices.Sort(held)
	return slices.Compact(held)
}
