package harness_test

import (
	"math/rand/v2"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestBeginning cuts histories of processes that overlap: no operation is there that began later than one that is not, what had not ended is unknown
// unless it failed, and the history itself stays as it was.
func TestBeginning(t *testing.T) {
	const processes, each = 5, 1500 // more than a chunk
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		h := &harness.History{}
		for p := range int32(processes) {
			l, now := &harness.Log{Process: p}, int64(0)
			for range each {
				begin := now + r.Int64N(20)
				now = begin + r.Int64N(50)
				l.Append(harness.Record{Begin: begin, End: now, Tries: 1, Outcome: []harness.Outcome{harness.OK, harness.OK, harness.Failed}[r.IntN(3)]})
			}
			h.Logs = append(h.Logs, l)
		}
		most := r.IntN(processes*each + 100)
		b, all := h.Beginning(most)
		if all != (most >= processes*each) || all && b != h {
			t.Fatalf("seed %d: all is %t of %d", seed, all, most)
		}
		if all {
			continue
		}
		if n := b.Len(); n > most || n < most-processes*each/10 {
			t.Errorf("seed %d: %d operations of at most %d", seed, n, most)
		}
		there, stop := b.Finder(), int64(1<<62)
		for op := range h.Ops() { // the first that is missing
			if _, ok := there(op.ID); !ok {
				stop = min(stop, op.Begin)
			}
		}
		for op := range b.Ops() {
			was, _ := h.Finder()(op.ID)
			switch {
			case op.Begin >= stop:
				t.Fatalf("seed %d: an operation is there that began at %d, and one is not that began at %d", seed, op.Begin, stop)
			case was.Outcome == harness.OK && op.Outcome == harness.OK && op.End >= stop:
				t.Fatalf("seed %d: an operation that ended at %d is known, and may have read what began at %d", seed, op.End, stop)
			case op.Outcome != was.Outcome && (op.Outcome != harness.Unknown || was.Outcome != harness.OK):
				t.Fatalf("seed %d: %v became %v", seed, was.Outcome, op.Outcome)
			}
		}
	}
}
