package anomaly

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// orders tries all ways in which the transactions of a history may have followed each other.
type orders struct {
	h     *history.Transactions
	order edgeKind          // what must come first in each: by process, realtime, or 0
	state map[int32][]int32 // by key
	did   []bool
}

// serial reports whether one transaction after the other explains all answers, unknown ones left out at will.
func serial(h *history.Transactions, order edgeKind) bool {
	o := &orders{h: h, order: order, state: map[int32][]int32{}, did: make([]bool, h.Len())}
	return o.next()
}

func (o *orders) next() bool {
	if !o.missing() {
		return true
	}
	for i := range int32(o.h.Len()) {
		if !o.may(i) {
			continue
		}
		before := o.state
		if o.run(i, before) {
			o.did[i] = true
			if o.next() {
				return true
			}
			o.did[i] = false
		}
		o.state = before
	}
	return false
}

// missing reports whether an acknowledged transaction is not done yet.
func (o *orders) missing() bool {
	for i, outcome := range o.h.Outcome {
		if outcome == harness.OK && !o.did[i] {
			return true
		}
	}
	return false
}

// may reports whether the transaction may be the next one.
func (o *orders) may(i int32) bool {
	if o.did[i] || o.h.Outcome[i] == harness.Failed {
		return false
	}
	for j, outcome := range o.h.Outcome {
		earlier := o.order != 0 && outcome == harness.OK && o.h.Complete[j] < o.h.Invoke[i]
		if earlier && !o.did[j] && (o.order == realtime || o.h.Process[j] == o.h.Process[i]) {
			return false
		}
	}
	return true
}

// run lets a transaction happen upon a state, and reports whether its answers fit.
func (o *orders) run(i int32, snapshot map[int32][]int32) bool {
	own := map[int32][]int32{}
	state := map[int32][]int32{}
	for k, v := range o.state {
		state[k] = v
	}
	steps := o.h.Steps(i)
	for j := range steps {
		op := &steps[j]
		values := append(slices.Clone(snapshot[op.Key]), own[op.Key]...)
		if op.Write {
			own[op.Key] = append(own[op.Key], op.Value)
			state[op.Key] = append(slices.Clone(state[op.Key]), op.Value)
			continue
		}
		if op.Value == history.NotRead || op.Len == history.NotRead {
			continue
		}
		switch op.Kind {
		case history.Registers:
			if len(values) == 0 && op.Value != history.Initial || len(values) > 0 && op.Value != values[len(values)-1] {
				return false
			}
		case history.Lists:
			if !slices.Equal(values, o.h.List(op)) {
				return false
			}
		case history.Sets:
			found := slices.Sorted(slices.Values(o.h.List(op)))
			slices.Sort(values)
			if !slices.Equal(values, found) {
				return false
			}
		}
	}
	o.state = state
	return true
}

// snapshots tries all orders of beginnings and commits.
type snapshots struct {
	orders
	began   []map[int32][]int32 // by transaction: the state at its beginning
	commits []int32             // how many had committed then
	done    []int32             // in the order of commits
}

// snapshotIsolated reports whether there are snapshots that explain all answers, and no two transactions at once that wrote the
// same key. A transaction sees all that came first in the order.
func snapshotIsolated(h *history.Transactions, order edgeKind) bool {
	n := h.Len()
	s := &snapshots{
		orders: orders{h: h, order: order, state: map[int32][]int32{}, did: make([]bool, n)},
		began:  make([]map[int32][]int32, n), commits: make([]int32, n),
	}
	return s.next()
}

func (s *snapshots) next() bool {
	if !s.missing() {
		return true
	}
	for i := range int32(s.h.Len()) {
		switch {
		case s.began[i] != nil:
			if s.commit(i) {
				return true
			}
		case s.may(i):
			s.began[i], s.commits[i] = s.state, int32(len(s.done))
			if s.fits(i) && s.next() {
				return true
			}
			s.began[i] = nil
		}
	}
	return false
}

// fits reports whether the transaction's answers fit its snapshot.
func (s *snapshots) fits(i int32) bool {
	state := s.state
	defer func() { s.state = state }()
	return s.run(i, s.began[i])
}

// commit goes on with the transaction committed, if no other one was in its way.
func (s *snapshots) commit(i int32) bool {
	if s.did[i] {
		return false
	}
	for _, j := range s.done[s.commits[i]:] {
		if bothWrite(s.h.Steps(i), s.h.Steps(j)) {
			return false
		}
	}
	state, began := s.state, s.began[i]
	s.run(i, began)
	s.did[i], s.done = true, append(s.done, i)
	if s.next() {
		return true
	}
	s.state, s.did[i], s.done = state, false, s.done[:len(s.done)-1]
	return false
}

func bothWrite(a, b []history.TxnOp) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Write && y.Write && x.Key == y.Key && x.Kind != history.Sets {
				return true
			}
		}
	}
	return false
}
