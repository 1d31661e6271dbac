package linear

import (
	"cmp"
	"math"
	"slices"
)

// zones judges registers whose every value is written at most once (Gibbons and Korach, "Testing Shared Memories", 1997,
// section 4, with swaps added). The operations that found or set a value are its cluster; in any order they stand together,
// so a cluster is before another as soon as one of its operations returned before one of the other's was called. A swap
// stands between two clusters and ties them to a chain. There is an order if and only if, inside each chain, nothing is
// before its predecessors, and no two chains are each before the other: longer circles always contain such a pair.
//
// What an unknown operation set counts only if somebody who is known found it, at once or by way of unknown swaps; else it is
// taken not to have happened.
//
// The slices are scratch, used again for each object.
type zones struct {
	writer []int32 // by value: the operation that set it, none, or many
	next   []int32 // by value: the swap that took it away, or none
	first  []int32 // by value: the operation of its cluster that returned first
	last   []int32 // by value: the operation of its cluster that was called last
	forced []bool  // by operation, for unknown ones: it did happen
	spans  []span
}

const (
	none = -1
	many = -2
)

// span is a chain: from its first return to its last call. Where first < last it is there for all of that time (a forward
// zone), else at some moment between the two.
type span struct {
	first, last     int64
	firstOp, lastOp int32 // none: the value at the start
}

func resized[T any](s []T, n int, v T) []T {
	s = slices.Grow(s[:0], n)[:n]
	for i := range s {
		s[i] = v
	}
	return s
}

// fits reports whether the method is made for the object.
func (z *zones) fits(o *Object) bool {
	if o.Values == 0 {
		return false
	}
	z.writer = resized(z.writer, o.Values, none)
	for i := range o.Ops {
		switch op := &o.Ops[i]; op.Kind {
		case Read:
		case Write, Swap:
			if op.Kind == Swap && op.From == op.Value {
				return false
			}
			if op.Value == o.Start || z.writer[op.Value] != none {
				return false
			}
			z.writer[op.Value] = int32(i)
		default:
			return false
		}
	}
	return true
}

// decide judges what needs no search.
func (z *zones) decide(o *Object) (p Proof, decided bool) {
	switch {
	case isQueue(o):
		return judgeQueue(o)
	case z.fits(o):
		return z.judge(o), true
	}
	return Proof{}, false
}

// judge is called after fits, on the same object.
func (z *zones) judge(o *Object) Proof {
	if p := z.force(o); p.Kind != Fits {
		return p
	}
	if p := z.cluster(o); p.Kind != Fits {
		return p
	}
	if p := z.chain(o); p.Kind != Fits {
		return p
	}
	return z.cross()
}

// found is the value that a known operation found, or none.
func found(op *Op) int64 {
	switch {
	case !op.known() || op.Kind == Write:
		return none
	case op.Kind == Swap:
		return op.From
	}
	return op.Value
}

// force finds out which unknown operations did happen, and values from nowhere.
func (z *zones) force(o *Object) Proof {
	z.forced = resized(z.forced, len(o.Ops), false)
	for i := range o.Ops {
		for v, by := found(&o.Ops[i]), i; v != none && v != o.Start; {
			w := z.writer[v]
			if w < 0 {
				return Proof{Kind: Nowhere, Ops: []int{by}}
			}
			op := &o.Ops[w]
			if op.known() || z.forced[w] {
				break
			}
			z.forced[w] = true
			if op.Kind == Write {
				break
			}
			v, by = op.From, int(w)
		}
	}
	return Proof{}
}

// cluster gathers, by value, the earliest return and the latest call, and the swap that takes it away.
func (z *zones) cluster(o *Object) Proof {
	z.next, z.first, z.last = resized(z.next, o.Values, none), resized(z.first, o.Values, none), resized(z.last, o.Values, none)
	for i := range o.Ops {
		op := &o.Ops[i]
		if !op.known() && !z.forced[i] {
			continue
		}
		v := op.Value
		if f := z.first[v]; f == none || op.Return < o.Ops[f].Return {
			z.first[v] = int32(i)
		}
		if l := z.last[v]; l == none || op.Call > o.Ops[l].Call {
			z.last[v] = int32(i)
		}
		if op.Kind == Swap {
			if other := z.next[op.From]; other != none {
				return Proof{Kind: Twice, Ops: []int{int(other), i}}
			}
			z.next[op.From] = int32(i)
		}
	}
	for i := range o.Ops {
		v := found(&o.Ops[i])
		if v != none && v != o.Start && o.Ops[i].Return < o.Ops[z.writer[v]].Call {
			return Proof{Kind: Future, Ops: []int{i, int(z.writer[v])}}
		}
	}
	return Proof{}
}

// chain follows the swaps from each value that a plain write set, and from the start.
func (z *zones) chain(o *Object) Proof {
	z.spans = z.spans[:0]
	var values []int64 // of a chain of more than one
	seen := 0
	for v := range int64(o.Values) {
		w := z.writer[v]
		if v != o.Start && (w < 0 || z.first[v] == none || o.Ops[w].Kind == Swap) {
			continue
		}
		s := z.span(o, v)
		values = append(values[:0], v)
		for n := z.next[v]; n != none; n = z.next[o.Ops[n].Value] {
			s.extend(z.span(o, o.Ops[n].Value))
			values = append(values, o.Ops[n].Value)
		}
		if p := z.inside(o, values); p.Kind != Fits {
			return p
		}
		seen += len(values) - 1
		z.spans = append(z.spans, s)
	}
	for v := range z.next {
		if z.next[v] != none {
			seen--
		}
	}
	if seen != 0 {
		return z.circle(o)
	}
	return Proof{}
}

// span is the zone of one value's cluster; the value at the start was there before everything.
func (z *zones) span(o *Object, v int64) span {
	s := span{first: math.MinInt64, last: math.MinInt64, firstOp: none, lastOp: z.last[v]}
	if v != o.Start {
		s.firstOp = z.first[v]
		s.first = o.Ops[s.firstOp].Return
	}
	if s.lastOp != none {
		s.last = o.Ops[s.lastOp].Call
	}
	return s
}

func (s *span) extend(by span) {
	if by.first < s.first {
		s.first, s.firstOp = by.first, by.firstOp
	}
	if by.last > s.last {
		s.last, s.lastOp = by.last, by.lastOp
	}
}

// inside demands that no operation of a chain had returned before one of an earlier value was called.
func (z *zones) inside(o *Object, values []int64) Proof {
	if len(values) < 2 {
		return Proof{}
	}
	later := z.span(o, values[len(values)-1])
	for i := len(values) - 2; i >= 0; i-- {
		s := z.span(o, values[i])
		if later.first < s.last {
			return Proof{Kind: Late, Ops: []int{int(later.firstOp), int(s.lastOp)}}
		}
		later.extend(s)
	}
	return Proof{}
}

// circle finds swaps that lead back to themselves: no chain from a write or the start reaches them.
func (z *zones) circle(o *Object) Proof {
	state := make([]int32, o.Values) // the walk on which the value was met
	for start := range z.next {
		v := int64(start)
		for state[v] == 0 && z.next[v] != none {
			state[v] = int32(start) + 1
			v = o.Ops[z.next[v]].Value
		}
		if state[v] != int32(start)+1 || z.next[v] == none {
			continue
		}
		var ops []int
		for end := v; ; {
			ops = append(ops, int(z.next[v]))
			if v = o.Ops[z.next[v]].Value; v == end {
				slices.Reverse(ops)
				return Proof{Kind: Circle, Ops: ops}
			}
		}
	}
	return Proof{}
}

// cross looks for two chains of which each is before the other.
func (z *zones) cross() Proof {
	forward := z.spans[:0:0]
	for _, s := range z.spans {
		if s.first < s.last {
			forward = append(forward, s)
		}
	}
	slices.SortFunc(forward, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	for i := 1; i < len(forward); i++ {
		if forward[i].first < forward[i-1].last {
			return crossed(&forward[i-1], &forward[i])
		}
	}
	// The forward zones are disjoint now: only the last one that begins before a backward zone can hold it.
	for i := range z.spans {
		s := &z.spans[i]
		if s.first < s.last {
			continue
		}
		n, _ := slices.BinarySearchFunc(forward, s.last, func(f span, last int64) int { return cmp.Compare(f.first, last) })
		if n > 0 && s.first < forward[n-1].last {
			return crossed(&forward[n-1], s)
		}
	}
	return Proof{}
}

func crossed(a, b *span) Proof {
	return Proof{Kind: Crossed, Ops: []int{int(a.firstOp), int(b.lastOp), int(b.firstOp), int(a.lastOp)}}
}
