package linear

import "slices"

// part is a stretch of an object's history between two moments at which no operation is open; there may be others within.
type part struct {
	object *Object
	ops    []Op    // by their calls
	index  []int32 // where each is in Object.Ops
	starts []int64 // the states that it can have begun in
}

// newPart takes the first part of what is left. It has at least so many operations, if there are: each part costs some
// searches of its own. Nobody knows the states in which a part may leave an object that has a Step, so there all is one part.
func newPart(o *Object, rest []int32, starts []int64, small int) *part {
	open := o.Ops[rest[0]].Return
	n := 1
	for ; n < len(rest) && (n < small || o.Step != nil || o.Ops[rest[n]].Call <= open); n++ {
		open = max(open, o.Ops[rest[n]].Return)
	}
	p := &part{object: o, ops: make([]Op, n), index: rest[:n], starts: starts}
	for i, at := range p.index {
		p.ops[i] = o.Ops[at]
	}
	return p
}

// ends returns the states in which the part can leave the object; of the final part, any that show that there is an order. A
// limit that was met says why there is no answer.
func (p *part) ends(b *budget, final bool) (ends []int64, limit string) {
	for _, start := range p.starts {
		if len(p.ops) == 1 && p.ops[0].known() {
			if after, ok := p.object.step(start, &p.ops[0]); ok {
				ends = append(ends, after)
			}
			continue
		}
		for _, end := range p.leaves(start, final) {
			ops := p.ops
			if p.object.Values > 0 && !final {
				ops = append(slices.Clip(ops), lookAfter(ops, end))
			}
			ok, met := b.order(p.object, ops, start)
			switch {
			case met != "":
				return nil, met
			case ok:
				ends = append(ends, end)
			}
		}
	}
	slices.Sort(ends)
	return slices.Compact(ends), ""
}

// leaves returns the states in which the part may leave the object: of a stock or mutex only one, since sums have no order;
// of a register what was set by an operation that no other follows. No operation of a part that is not the final one is
// unknown.
func (p *part) leaves(start int64, final bool) []int64 {
	if final {
		return []int64{start} // nobody asks for it
	}
	var last int64 // the latest call of what sets a value
	sets := false
	for i := range p.ops {
		switch op := &p.ops[i]; op.Kind {
		case Read, Refuse:
		case Add:
			start += op.Value
		case Acquire:
			start++
		case Release:
			start--
		default:
			if !sets || op.Call > last {
				sets, last = true, op.Call
			}
		}
	}
	if !sets {
		return []int64{start}
	}
	var ends []int64
	for i := range p.ops {
		if op := &p.ops[i]; op.Kind != Read && op.Return >= last {
			ends = append(ends, op.Value)
		}
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

// lookAfter is a read after all of ops.
func lookAfter(ops []Op, value int64) Op {
	var end int64
	for i := range ops {
		end = max(end, ops[i].Return)
	}
	return Op{Kind: Read, Value: value, Call: end + 1, Return: end + 1}
}
