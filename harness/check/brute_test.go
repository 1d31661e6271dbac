package check

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// tiny draws a few operations on two cells with arbitrary deltas, times and outcomes: most such histories are wrong.
func tiny(t *rapid.T, cells int) *harness.History {
	s := newSim(1, 0, 0)
	for c := range 2 {
		s.h.Start.Values[c] = rapid.Int64Range(0, 3).Draw(t, "start")
	}
	for p := range rapid.IntRange(1, 5).Draw(t, "ops") {
		r := harness.Record{Invoke: rapid.Int64Range(0, 8).Draw(t, "invoke"), Tries: 1}
		r.End = r.Invoke + rapid.Int64Range(0, 4).Draw(t, "wait")
		r.Outcome = rapid.SampledFrom([]harness.Outcome{harness.OK, harness.OK, harness.OK, harness.Rejected, harness.Unknown, harness.Failed}).Draw(t, "outcome")
		var as []harness.Access
		for c := range harness.Cell(cells) {
			if d := rapid.Int64Range(-3, 2).Draw(t, "delta"); d != 0 {
				as = append(as, harness.Access{Cell: c, Kind: harness.Writes, Delta: d, Value: harness.NotSeen, Version: harness.NotSeen})
			}
		}
		l := &harness.Log{Process: int32(p)}
		l.Append(r, as...)
		s.h.Logs = append(s.h.Logs, l)
	}
	return s.h
}

// precedes reports whether a was over before b began; an unknown operation is never over.
func precedes(a, b harness.Recorded) bool { return a.Outcome != harness.Unknown && a.End < b.Invoke }

// orders calls each with every order of ops that respects time, unknown operations left out at will, while each goes on.
func orders(ops []harness.Recorded, each func(order []harness.Recorded)) {
	var order []harness.Recorded
	var next func(left []harness.Recorded)
	next = func(left []harness.Recorded) {
		if !slices.ContainsFunc(left, func(r harness.Recorded) bool { return r.Outcome != harness.Unknown }) {
			each(order)
		}
		for i, r := range left {
			if slices.ContainsFunc(left, func(o harness.Recorded) bool { return o.ID != r.ID && precedes(o, r) }) {
				continue
			}
			order = append(order, r)
			next(slices.Concat(left[:i], left[i+1:]))
			order = order[:len(order)-1]
		}
	}
	next(ops)
}

func opsOf(h *harness.History, outcomes ...harness.Outcome) []harness.Recorded {
	var ops []harness.Recorded
	for r := range h.Ops() {
		if slices.Contains(outcomes, r.Outcome) {
			ops = append(ops, r)
		}
	}
	return ops
}

// lowest is the least sum that the limit comes to.
func lowest(h *harness.History, l *Limit, order []harness.Recorded) int64 {
	values := slices.Clone(h.Start.Values)
	low := l.sum(values)
	for _, r := range order {
		for _, a := range r.Accesses {
			values[a.Cell] += a.Delta
		}
		low = min(low, l.sum(values))
	}
	return low
}

// explicable reports whether some order keeps all limits.
func explicable(h *harness.History, limits []Limit) bool {
	found := false
	orders(opsOf(h, harness.OK, harness.Unknown), func(order []harness.Recorded) {
		kept := true
		for i := range limits {
			kept = kept && lowest(h, &limits[i], order) >= limits[i].Min
		}
		found = found || kept
	})
	return found
}

// TestToldIsExactForOneLimit: it objects if, and only if, no order of the operations keeps the limit.
func TestToldIsExactForOneLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.IntRange(1, 2).Draw(t, "cells")
		limit := []Limit{{Cells: []harness.Cell{0, 1}[:cells]}}
		h := tiny(t, cells)
		f := check(Oversold("oversold", "seats", limit), h)
		if ok := explicable(h, limit); ok != (f.Violations == 0) {
			t.Fatalf("%+v, but an order that keeps the limit exists: %v", f, ok)
		}
	})
}

// TestToldIsSoundForSeveralLimits: it never objects to what some order explains.
func TestToldIsSoundForSeveralLimits(t *testing.T) {
	limits := []Limit{{Cells: []harness.Cell{0}}, {Cells: []harness.Cell{1}}}
	rapid.Check(t, func(t *rapid.T) {
		h := tiny(t, 2)
		if f := check(Oversold("oversold", "seats", limits), h); f.Violations > 0 && explicable(h, limits) {
			t.Fatalf("accused: %+v", f)
		}
	})
}

// TestLostSalesAreSound: no order makes a refusal right that it calls wrong.
func TestLostSalesAreSound(t *testing.T) {
	limits := []Limit{{Cells: []harness.Cell{0}}, {Cells: []harness.Cell{1}}}
	figure := LostSales(limits)
	rapid.Check(t, func(t *rapid.T) {
		h := tiny(t, 2)
		var wrong int64
		for _, refused := range opsOf(h, harness.Rejected) {
			takes, right := false, false
			for _, a := range refused.Accesses {
				takes = takes || a.Delta < 0
			}
			orders(append(opsOf(h, harness.OK, harness.Unknown), refused), func(order []harness.Recorded) {
				i := slices.IndexFunc(order, func(r harness.Recorded) bool { return r.ID == refused.ID })
				for j := range limits {
					values := slices.Clone(h.Start.Values)
					for _, r := range order[:i+1] {
						for _, a := range r.Accesses {
							values[a.Cell] += a.Delta
						}
					}
					took := slices.ContainsFunc(refused.Accesses, func(a harness.Access) bool { return a.Delta < 0 && a.Cell == limits[j].Cells[0] })
					right = right || took && limits[j].sum(values) < 0
				}
			})
			if takes && !right {
				wrong++
			}
		}
		if f := check(figure, h); f.Violations > wrong {
			t.Fatalf("%+v, but only %d were refused wrongly in every order", f, wrong)
		}
	})
}
