package check

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// inTurns is how many transactions registersInTurns makes.
const inTurns = 300

// registersInTurns is a history of transactions over registers that each take effect at one moment between their beginning and their end, so that it is
// strictly serializable. The one of the number stale, if there is one, reads what was there two writes before.
func registersInTurns(seed uint64, stale int) *harness.History {
	const processes, cells = 6, 3
	r := rand.New(rand.NewPCG(seed, 3))
	h := &harness.History{Start: harness.NewState(harness.Group{Table: "register", Len: cells, Holds: harness.Registers}, "", 0)}
	free := make([]int64, processes)
	for p := range int32(processes) {
		h.Logs = append(h.Logs, &harness.Log{Process: p})
	}
	values := make([][]int64, cells)
	for i := range inTurns {
		p, at := i%processes, int64(100*i)
		begin := max(free[p], at-r.Int64N(400))
		end := at + r.Int64N(100)
		free[p] = end + 1
		cell := harness.Cell(r.IntN(cells))
		saw := values[cell]
		if i == stale {
			cell = harness.Cell(slices.IndexFunc(values, func(v []int64) bool { return len(v) > 2 }))
			saw = values[cell][:len(values[cell])-2]
		}
		accesses := harness.Found(nil, cell, saw[max(len(saw)-1, 0):])
		values[cell] = append(values[cell], int64(i+1))
		accesses = append(accesses, harness.Access{Cell: cell, Kind: harness.Sets, Value: int64(i + 1), Version: harness.NotSeen})
		h.Logs[p].Append(harness.Record{Invoke: begin, Begin: begin, End: end, Tries: 1, Outcome: harness.OK}, accesses...)
	}
	return h
}

// TestModelJudgesTheBeginning: what is judged of a history that is too long is accused of what is wrong with it and of nothing else, and is called safe
// no more than what was not looked at.
func TestModelJudgesTheBeginning(t *testing.T) {
	const n = inTurns
	for seed := range uint64(30) {
		most := 20 + int(7*seed)
		for _, c := range []struct {
			stale  int
			unsafe bool
		}{{-1, false}, {n - 1, false}, {most / 2, most >= 60}} {
			if c.stale == most/2 && !c.unsafe {
				continue // too early for a register to have been written thrice
			}
			h := registersInTurns(seed, c.stale)
			f := modelOf(most).Check(t.Context(), h)
			if c.unsafe != (f.Violations > 0) {
				t.Errorf("seed %d, %d of %d, wrong at %d: %d violations: %s", seed, most, n, c.stale, f.Violations, f.Texts)
			}
			if unable := strings.Contains(f.Unable, "of 300 transactions were judged"); unable == c.unsafe || len(f.ConsistentWith) > 0 {
				t.Errorf("seed %d, %d of %d, wrong at %d: unable: %q, consistent with %v", seed, most, n, c.stale, f.Unable, f.ConsistentWith)
			}
			planted, ok := modelOf(most).Plant(h)
			if !ok {
				t.Fatalf("seed %d: nothing to plant", seed)
			}
			if f := modelOf(most).Check(t.Context(), planted); f.Violations == 0 {
				t.Errorf("seed %d: what was planted is not found", seed)
			}
		}
		if f := modelOf(n).Check(t.Context(), registersInTurns(seed, -1)); f.Unable != "" || f.Violations > 0 || len(f.ConsistentWith) == 0 {
			t.Errorf("seed %d: the whole: %+v", seed, f)
		}
		if f := modelOf(n).Check(t.Context(), registersInTurns(seed, n-1)); f.Violations == 0 {
			t.Errorf("seed %d: the whole, with a read that is wrong at its end: nothing is found", seed)
		}
	}
	h := registersInTurns(1, -1)
	h.Clocks = make([]harness.Clock, 2)
	if f := modelOf(n-1).Check(t.Context(), h); !strings.Contains(f.Unable, "2 clocks do not say") {
		t.Errorf("of several clocks: %+v", f)
	}
}
