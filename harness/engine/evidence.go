package engine

import (
	"cmp"
	"math"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Trials counts the operations that could have gone wrong: an ok operation that wrote, during which (first attempt to
// answer) another ok operation that wrote one of its cells was answered. Where cells hold no numbers, reads are judged like
// writes, and those that met a write count too.
func Trials(h *harness.History) int64 {
	ends := answers(h)
	seekers := make([]seeker, len(ends))
	for i := range seekers {
		seekers[i] = make(seeker, len(ends[i]))
	}
	var trials int64
	for l, r := range h.Together(h.Logs) {
		if r.Outcome == harness.OK && met(h, l.Clock, &r, ends, seekers) {
			trials++
		}
	}
	return trials
}

// answers are, by clock and cell, when writers were answered.
func answers(h *harness.History) [][][]int64 {
	ends := make([][][]int64, max(len(h.Clocks), 1))
	writes := make([][]int, len(ends)) // how many there are: so each slice has its room at once
	for i := range ends {
		ends[i], writes[i] = make([][]int64, len(h.Start.Values)), make([]int, len(h.Start.Values))
	}
	eachWrite(h, func(clock int, c harness.Cell, _ int64) { writes[clock][c]++ })
	for i := range ends {
		for c, n := range writes[i] {
			ends[i][c] = spool.Make[int64](h.Spool, 0, n)
		}
	}
	eachWrite(h, func(clock int, c harness.Cell, end int64) { ends[clock][c] = append(ends[clock][c], end) })
	for _, own := range ends {
		for _, e := range own {
			sortTimes(h, e)
		}
	}
	return ends
}

// eachWrite calls f with the clock, cell and answer of each write of an ok operation.
func eachWrite(h *harness.History, f func(clock int, c harness.Cell, end int64)) {
	for l, r := range h.Together(h.Logs) {
		if r.Outcome != harness.OK {
			continue
		}
		for i := range r.Accesses {
			if a := &r.Accesses[i]; a.Kind.Changes() {
				f(l.Clock, a.Cell, r.End)
			}
		}
	}
}

// sortTimes sorts, and ends if the judgement is given up.
func sortTimes(h *harness.History, times []int64) {
	slices.SortFunc(times, harness.Asking(h, cmp.Compare[int64]))
}

// met reports whether the operation met another one, whichever clock timed that. If that was another clock, they met for certain only if the
// answer is within the operation by more than the two may be apart.
func met(h *harness.History, clock int, r *harness.Recorded, ends [][][]int64, seekers []seeker) bool {
	for other := range ends {
		margin := int64(0)
		if other != clock {
			margin = harness.MarginOf(h.Clocks, clock, other)
		}
		if margin <= (r.End-r.Begin)/2 && contended(r, margin, other == clock, ends[other], seekers[other]) {
			return true
		}
	}
	return false
}

// contended reports whether a writer was answered while the operation went on, less a margin at both ends. same: the operation's own answer is
// among them.
func contended(r *harness.Recorded, margin int64, same bool, ends [][]int64, seeker seeker) bool {
	for i := range r.Accesses {
		a := &r.Accesses[i]
		own := 0
		if same {
			own = 1 // the operation's own answer is one of those in [Begin, End]
		}
		switch {
		case a.Kind.Changes():
		case a.Kind == harness.Finds && !r.Writes(a.Cell):
			own = 0
		default:
			continue
		}
		e := ends[a.Cell]
		at := seeker.seek(int(a.Cell), e, r.Begin+margin)
		if at+own < len(e) && e[at+own] <= r.End-margin {
			return true
		}
	}
	return false
}

// UpperBound is the largest violation rate, at 95 % confidence, that n trials without a violation leave possible: solve
// (1-p)^n = 0.05. It speaks for this load, trials taken as independent. No trials: 1.
func UpperBound(n int64) float64 {
	if n <= 0 {
		return 1
	}
	return -math.Expm1(math.Log(0.05) / float64(n))
}
