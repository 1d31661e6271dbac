package linear

import (
	"cmp"
	"slices"
)

// sums answers how much operations changed a stock by, up to a moment.
type sums []sum

type sum struct{ at, total int64 }

func newSums(ops []Op, at func(op *Op) (moment int64, counts bool)) sums {
	var s sums
	for i := range ops {
		if moment, counts := at(&ops[i]); counts {
			s = append(s, sum{moment, ops[i].Value})
		}
	}
	slices.SortFunc(s, func(a, b sum) int { return cmp.Compare(a.at, b.at) })
	for i := 1; i < len(s); i++ {
		s[i].total += s[i-1].total
	}
	return s
}

// before is the sum of what is at a moment before t.
func (s sums) before(t int64) int64 {
	n, _ := slices.BinarySearchFunc(s, t, func(x sum, t int64) int { return cmp.Compare(x.at, t) })
	if n == 0 {
		return 0
	}
	return s[n-1].total
}

// beyond bounds what a stock can have held while each operation went on: at least what it had with all that was taken by the
// end and only what was certainly added by the beginning, at most the reverse. It returns the first operation to return that
// lies outside. The search would find it, too, but not in a history of many operations at once.
func (o *Object) beyond() Proof {
	added := newSums(o.Ops, func(op *Op) (int64, bool) { return op.Return, op.Kind == Add && op.Value > 0 && op.known() })
	mayAdd := newSums(o.Ops, func(op *Op) (int64, bool) { return op.Call, op.Kind == Add && op.Value > 0 })
	taken := newSums(o.Ops, func(op *Op) (int64, bool) { return op.Return, op.Kind == Add && op.Value < 0 && op.known() })
	mayTake := newSums(o.Ops, func(op *Op) (int64, bool) { return op.Call, op.Kind == Add && op.Value < 0 })
	var p Proof
	for i := range o.Ops {
		op := &o.Ops[i]
		if !op.known() || p.Kind != Fits && o.Ops[p.Ops[0]].Return <= op.Return {
			continue
		}
		switch {
		case op.Kind == Refuse:
			if least := o.Start + added.before(op.Call) + mayTake.before(op.Return+1); least+op.Value >= 0 {
				p = Proof{Kind: Beyond, Ops: []int{i}, Held: []int64{least}}
			}
		case op.Kind == Add && op.Value < 0:
			if most := o.Start + mayAdd.before(op.Return+1) + taken.before(op.Call); most+op.Value < 0 {
				p = Proof{Kind: Beyond, Ops: []int{i}, Held: []int64{most}}
			}
		}
	}
	return p
}
