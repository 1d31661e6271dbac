package engine

import (
	"math"

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

// instant is a time, in nanoseconds from the beginning, as spool.Sort sorts it.
type instant [1]int64

// answers are, by clock and cell, when writers were answered.
func answers(h *harness.History) [][][]instant {
	ends := make([][][]instant, max(len(h.Clocks), 1))
	writes := make([][]int, len(ends)) // how many there are: so each slice has its room at once
	for i := range ends {
		ends[i], writes[i] = make([][]instant, len(h.Start.Values)), make([]int, len(h.Start.Values))
	}
	eachWrite(h, func(clock int, c harness.Cell, _ int64) { writes[clock][c]++ })
	for i := range ends {
		for c, n := range writes[i] {
			ends[i][c] = spool.Make[instant](h.Spool, 0, n)
		}
	}
	eachWrite(h, func(clock int, c harness.Cell, end int64) { ends[clock][c] = append(ends[clock][c], instant{end}) })
	var spare []instant
	for _, own := range ends {
		for c := range own {
			own[c], spare = spool.Sort(h.Spool, own[c], spare, h.GoOn)
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

// met reports whether the operation met another one, whichever clock timed that. If that was another clock, they met for certain only if the
// answer is within the operation by more than the two may be apart.
func met(h *harness.History, clock int, r *harness.Recorded, ends [][][]instant, seekers []seeker) bool {
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
func contended(r *harness.Recorded, margin int64, same bool, ends [][]instant, seeker seeker) bool {
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
		if at+own < len(e) && e[at+own][0] <= r.End-margin {
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
