// Package check holds the invariant checkers, one a file. In goes a harness.History, out comes a harness.Finding: how often
// an invariant broke, by how much, and the first cases in plain words.
//
// All of them judge by bounds, acknowledged ≤ happened ≤ acknowledged + unknown, so that a correct history is never accused:
// what an unknown operation did may come late, or never. All run in time near-linear in the history, and none changes it.
// Replays by version are made only where every journal entry of a cell has one.
//
// Recorded judges what other tools recorded, a workload a file, by the rules of that workload; Stock judges the order of the
// sales themselves. Both say Inconclusive where a history shows nothing.
//
// A newcomer starts at Conservation, the one check that needs nothing but the store. A new one is a file beside it; what Check
// and Plant must do is with harness.Checker, whose example has a whole one.
package check

import (
	"iter"

	"github.com/lastseat/lastseat/harness"
)

// ended reports whether the history holds the store's final state. A run that was killed has none, and checks that rest on
// it then find nothing, and have nothing to plant.
func ended(h *harness.History) bool {
	return len(h.Final.Values) == len(h.Start.Values) && len(h.Final.Values) > 0
}

// pieces ranges over a slice piece by piece, with the index of the first of each. Between two it ends what is under way if the judgement is given up:
// a slice may be as long as the history, and lie on disk.
func pieces[T any](h *harness.History, all []T) iter.Seq2[int, []T] {
	const piece = 1 << 16
	return func(yield func(int, []T) bool) {
		for from := 0; from < len(all); from += piece {
			h.GoOn()
			if !yield(from, all[from:min(len(all), from+piece)]) {
				return
			}
		}
	}
}

// withFinalValue is a copy of the history in which the cell ends with other units than it did.
func withFinalValue(h *harness.History, c harness.Cell, by int64) *harness.History {
	bad := *h
	bad.Final.Values = append([]int64(nil), h.Final.Values...)
	bad.Final.Values[c] += by
	return &bad
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
