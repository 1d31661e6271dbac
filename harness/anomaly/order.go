package anomaly

import (
	"cmp"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// sessions relates the transactions of each process, one after the other: the committed ones, and an unknown one to what its
// process had done before. What comes after an unknown one need not, as it may take effect late. Those that name no process
// are of nobody's session.
func sessions(t *history.Transactions) []edge {
	last := map[int32]*int32{} // by process: its last transaction, plus 1
	edges := make([]edge, 0, t.Len())
	var of *int32
	for i, p := int32(0), int32(history.NoProcess); i < int32(t.Len()); i++ {
		if t.Process[i] == history.NoProcess || t.Outcome[i] == harness.Failed {
			continue
		}
		if of == nil || t.Process[i] != p {
			p = t.Process[i]
			if of = last[p]; of == nil {
				of = new(int32)
				last[p] = of
			}
		}
		if *of > 0 {
			edges = append(edges, edge{*of - 1, i, process})
		}
		if t.Outcome[i] == harness.OK && t.Complete[i] >= 0 {
			*of = i + 1
		}
	}
	return edges
}

// times are when transactions began and were answered, as places in one order of events; -1: no such event, or one that
// orders nothing. Of two events at the same time the beginning is the earlier one, because nothing says that it came after.
type times struct {
	begin, end []int32
	between    *times  // of two clocks: when transactions began at the earliest and were answered at the latest
	of         []int32 // whose clock timed each; nil: one timed all, and there is no between
}

// before reports whether the first was certainly answered before the second began.
func (w *times) before(first, second int32) bool {
	if w.of != nil && w.of[first] != w.of[second] {
		w = w.between
	}
	return w.end[first] >= 0 && w.begin[second] > w.end[first]
}

// orders are the orders that there are: that of each clock, and that between all.
func (w *times) orders() []*times {
	if w.of == nil {
		return []*times{w}
	}
	all := []*times{w.between}
	for clock := range slices.Max(w.of) + 1 {
		own := &times{begin: slices.Clone(w.begin), end: slices.Clone(w.end)}
		for i, of := range w.of {
			if of != clock {
				own.begin[i], own.end[i] = -1, -1
			}
		}
		all = append(all, own)
	}
	return all
}

// timesOf are a history's times.
func timesOf(t *history.Transactions) *times {
	answered := func(at []int32) []int32 {
		end := make([]int32, len(at))
		for i := range end {
			end[i] = -1
			if t.Outcome[i] == harness.OK {
				end[i] = at[i]
			}
		}
		return end
	}
	w := &times{begin: t.Invoke, end: answered(t.Complete)}
	if len(t.Clock) > 0 {
		w.of, w.between = t.Clock, &times{begin: t.Earliest, end: answered(t.Latest)}
	}
	return w
}

// clock relates each transaction that was answered to all that began after that.
func (w *times) clock(first int32) (edges [][]edge, helpers int32) {
	for _, o := range w.orders() {
		more, n := o.sweep(first + helpers)
		edges, helpers = append(edges, more), helpers+n
	}
	return edges, helpers
}

// sweep is clock for one order.
func (w *times) sweep(first int32) (edges []edge, helpers int32) {
	size := int32(0)
	for i := range w.begin {
		size = max(size, w.begin[i]+1, w.end[i]+1)
	}
	events := make([]int32, size) // by place: the transaction times 2, plus 1 for its answer, plus 1
	for i := range int32(len(w.begin)) {
		if at := w.begin[i]; at >= 0 {
			events[at] = 2*i + 1
		}
		if at := w.end[i]; at >= 0 {
			events[at] = 2*i + 2
		}
	}
	s := sequence{first: first, edges: make([]edge, 0, 3*len(w.begin))}
	for _, e := range events {
		if e > 0 {
			s.add((e-1)/2, e%2 == 0)
		}
	}
	return s.edges, s.helpers
}

// next relates some transactions, given in any order, to those among them that began after their answer, but for what
// follows through a third: the transitive reduction, as Elle has it. The edges are between places in txns.
func (w *times) next(txns []int32) []edge {
	return w.relate(txns, false)
}

// fewEnough is how many transactions are related each to all that came later, so that a step in real time is one step.
const fewEnough = 256

// later relates them to all that follow, if there are no more than few.
func (w *times) later(txns []int32, few int) []edge {
	return w.relate(txns, len(txns) <= few)
}

func (w *times) relate(txns []int32, all bool) []edge {
	if w.of == nil {
		return w.related(txns, all)
	}
	edges := w.between.related(txns, all)
	own := &times{begin: w.begin, end: w.end}
	for clock := range slices.Max(w.of) + 1 {
		var places, some []int32
		for i, txn := range txns {
			if w.of[txn] == clock {
				places, some = append(places, int32(i)), append(some, txn)
			}
		}
		for _, e := range own.related(some, all) {
			edges = append(edges, edge{places[e.from], places[e.to], e.kind})
		}
	}
	return edges
}

// related is relate for one order.
func (w *times) related(txns []int32, all bool) []edge {
	type event struct {
		at, i  int32
		answer bool
	}
	var events []event
	for i, txn := range txns {
		if at := w.begin[txn]; at >= 0 {
			events = append(events, event{at, int32(i), false})
		}
		if at := w.end[txn]; at >= 0 {
			events = append(events, event{at, int32(i), true})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	var edges []edge
	var last []int32 // answered, and not yet followed by one that began later and was answered
	for _, e := range events {
		if !e.answer {
			for _, a := range last {
				edges = append(edges, edge{a, e.i, realtime})
			}
			continue
		}
		begin := w.begin[txns[e.i]]
		if !all {
			last = slices.DeleteFunc(last, func(a int32) bool { return w.end[txns[a]] < begin })
		}
		last = append(last, e.i)
	}
	return edges
}

// sequence turns beginnings and answers, in the order of time, into realtime edges. Helper nodes, from node first on, keep
// this linear: each collects the answers between two beginnings, and leads to what begins before the next and to the next
// helper.
type sequence struct {
	first   int32
	helpers int32
	edges   []edge

	collecting bool // no beginning since the last helper
}

func (s *sequence) add(txn int32, answered bool) {
	now := s.first + s.helpers - 1
	if !answered {
		if s.helpers > 0 {
			s.edges = append(s.edges, edge{now, txn, pass})
		}
		s.collecting = false
		return
	}
	if !s.collecting {
		if s.helpers > 0 {
			s.edges = append(s.edges, edge{now, now + 1, pass})
		}
		s.helpers++
		now++
		s.collecting = true
	}
	s.edges = append(s.edges, edge{txn, now, realtime})
}
