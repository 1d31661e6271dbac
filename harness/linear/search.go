package linear

import (
	"cmp"
	"fmt"
	"slices"
)

// search judges an object part by part: where no operation is open, the history is cut, and only the states in which a part
// can leave the object are handed on. After an operation of unknown outcome, which stays open, there is no cut any more.
func search(b *budget, o *Object) Verdict {
	v := Verdict{Checked: len(o.Ops)}
	if isQueue(o) {
		o = steps(o)
	}
	if v.Proof = o.beyond(); v.Proof.Kind != Fits {
		v.Answer = Broken
		return v
	}
	v.Checked = 0
	starts := []int64{o.Start}
	for rest := o.searched(); len(rest) > 0; {
		p := newPart(o, rest, starts, b.limits.small)
		rest = rest[len(p.ops):]
		if len(p.ops) > b.limits.Operations {
			why := "overlap without a pause"
			if o.Step != nil {
				why = "are to be put in one order"
			}
			return Verdict{Answer: Undecided, Checked: v.Checked, Limit: fmt.Sprintf(
				"%d operations %s, and no more than %d are searched at once", len(p.ops), why, b.limits.Operations)}
		}
		ends, limit := p.ends(b, len(rest) == 0)
		switch {
		case limit != "":
			v.Answer, v.Limit = Undecided, limit
			return v
		case len(ends) == 0:
			v.Answer, v.Proof = Broken, p.unplaced(b)
			return v
		}
		starts = ends
		v.Checked += len(p.ops)
	}
	return v
}

// searched is the operations that matter, by their place in Ops. What an unknown operation learned, nobody knows, and what it
// set matters only if somebody found it.
func (o *Object) searched() []int32 {
	found := make([]bool, o.Values)
	for i := range o.Ops {
		switch op := &o.Ops[i]; op.Kind {
		case Read:
			found[op.Value] = found[op.Value] || op.known()
		case Swap:
			found[op.From] = true
		}
	}
	var ops []int32
	for i := range o.Ops {
		op := &o.Ops[i]
		idle := !op.changes() || op.Kind == Write && !found[op.Value] || op.Kind == Swap && !found[op.Value]
		if op.known() || !idle {
			ops = append(ops, int32(i))
		}
	}
	slices.SortStableFunc(ops, func(a, b int32) int { return cmp.Compare(o.Ops[a].Call, o.Ops[b].Call) })
	return ops
}
