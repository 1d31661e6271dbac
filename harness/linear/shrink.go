package linear

import (
	"slices"
	"sort"
)

// mostHeld bounds the values that are tried for Proof.Held.
const mostHeld = 16

// unplaced finds, in a part that has no order, the operation at whose return the order is lost, and what it could have found
// instead. If a limit is met on the way, the operation may be a later one than need be: up to it there is no order either.
func (p *part) unplaced(b *budget) Proof {
	var returns []int64
	for i := range p.ops {
		if op := &p.ops[i]; op.known() {
			returns = append(returns, op.Return)
		}
	}
	slices.Sort(returns)
	k := sort.Search(len(returns)-1, func(k int) bool { return !p.fitsUntil(b, p.ops, returns[k]) })
	culprit := slices.IndexFunc(p.ops, func(op Op) bool { return op.Return == returns[k] })
	return Proof{Kind: Unplaced, Ops: []int{int(p.index[culprit])}, Held: p.held(b, culprit)}
}

// fitsUntil reports whether there is an order of what had happened by then; also if a limit is met.
func (p *part) fitsUntil(b *budget, ops []Op, then int64) bool {
	var prefix []Op
	for _, op := range ops {
		if op.Return > then {
			op.Return = Forever
		}
		if op.Call <= then && (op.known() || op.changes()) {
			prefix = append(prefix, op)
		}
	}
	return slices.ContainsFunc(p.starts, func(start int64) bool {
		ok, limit := b.order(p.object, prefix, start)
		return ok || limit != ""
	})
}

// held returns what the operation could have found, everything else being as it was; nil where that is not known.
func (p *part) held(b *budget, culprit int) []int64 {
	op := p.ops[culprit]
	if op.Kind != Read && op.Kind != Swap {
		return nil
	}
	ops := p.withUnfound()
	values := slices.Clone(p.starts)
	for i := range ops {
		if w := &ops[i]; i != culprit && w.changes() && w.Call <= op.Return {
			values = append(values, w.Value)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	if len(values) > mostHeld {
		return nil
	}
	var held []int64
	for _, v := range values {
		if op.Kind == Read {
			ops[culprit].Value = v
		} else {
			ops[culprit].From = v
		}
		if p.fitsUntil(b, ops, op.Return) {
			held = append(held, v)
		}
	}
	if b.exceeded() != "" {
		return nil
	}
	return held
}

// withUnfound adds to the part's operations those that were left out because nobody found what they set: the operation in
// question could have.
func (p *part) withUnfound() []Op {
	ops := slices.Clone(p.ops)
	for i := range p.object.Ops {
		op := &p.object.Ops[i]
		if !op.known() && op.changes() && !slices.Contains(p.index, int32(i)) {
			ops = append(ops, *op)
		}
	}
	return ops
}
