package engine

import (
	"math"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Trials counts the operations that could have gone wrong: an ok operation that wrote, during which (first attempt to
// answer) another ok operation that wrote one of its cells was answered. Where cells hold no numbers, reads are judged like
// writes, and those that met a write count too.
func Trials(h *harness.History) int64 {
	ends := make([][]int64, len(h.Start.Values)) // by cell: when its writers were answered
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		for i := range r.Accesses {
			if a := &r.Accesses[i]; a.Kind.Changes() {
				ends[a.Cell] = spool.Append(h.Spool, ends[a.Cell], r.End)
			}
		}
	}
	for _, e := range ends {
		slices.Sort(e)
	}
	var trials int64
	for r := range h.Ops() {
		if r.Outcome == harness.OK && contended(&r, ends) {
			trials++
		}
	}
	return trials
}

func contended(r *harness.Recorded, ends [][]int64) bool {
	for i := range r.Accesses {
		a := &r.Accesses[i]
		own := 1 // the operation's own answer is one of those in [Begin, End]
		switch {
		case a.Kind.Changes():
		case a.Kind == harness.Finds && !r.Writes(a.Cell):
			own = 0
		default:
			continue
		}
		e := ends[a.Cell]
		at, _ := slices.BinarySearch(e, r.Begin)
		if at+own < len(e) && e[at+own] <= r.End {
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
