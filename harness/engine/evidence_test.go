package engine_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// TestTrialsAgainstBruteForce: an ok operation that wrote, during which another one that wrote one of its cells was answered.
func TestTrialsAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &harness.History{Start: harness.State{Values: make([]int64, 3)}}
		for p := range int32(rapid.IntRange(1, 8).Draw(t, "clients")) {
			l := &harness.Log{Process: p}
			for range rapid.IntRange(0, 4).Draw(t, "ops") {
				begin := rapid.Int64Range(0, 20).Draw(t, "begin")
				r := harness.Record{
					Invoke: begin - 3, Begin: begin, End: begin + rapid.Int64Range(0, 6).Draw(t, "length"),
					Outcome: harness.Outcome(rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "outcome")),
				}
				var as []harness.Access
				for c := range harness.Cell(3) {
					if k := rapid.IntRange(0, 3).Draw(t, "kind"); k < 3 {
						as = append(as, harness.Access{Cell: c, Kind: harness.AccessKind(k)})
					}
				}
				l.Append(r, as...)
			}
			h.Logs = append(h.Logs, l)
		}
		if got, want := engine.Trials(h), slowTrials(h); got != want {
			t.Fatalf("%d trials, want %d", got, want)
		}
	})
}

func slowTrials(h *harness.History) int64 {
	var n int64
	for a := range h.Ops() {
		contended := false
		for b := range h.Ops() {
			both := a.Outcome == harness.OK && b.Outcome == harness.OK && a.ID != b.ID
			contended = contended || both && b.End >= a.Begin && b.End <= a.End && shareWrite(a, b)
		}
		if contended {
			n++
		}
	}
	return n
}

func shareWrite(a, b harness.Recorded) bool {
	for _, x := range a.Accesses {
		for _, y := range b.Accesses {
			if x.Cell == y.Cell && x.Kind != harness.Reads && y.Kind != harness.Reads {
				return true
			}
		}
	}
	return false
}

// TestUpperBound: n trials without a violation would be as rare as 5 % if the rate were the bound.
func TestUpperBound(t *testing.T) {
	if engine.UpperBound(0) != 1 {
		t.Error("no trials bound nothing")
	}
	for _, n := range []int64{1, 1000, 41_203, 10_000_000} {
		if p := engine.UpperBound(n); math.Abs(math.Pow(1-p, float64(n))-0.05) > 1e-6 {
			t.Errorf("%d trials: %g", n, p)
		}
	}
	if p := engine.UpperBound(41_203); p > 0.000073 || p < 0.000072 {
		t.Errorf("0 in 41,203 trials: %g, want under 0.0073 %%", p)
	}
}

// TestReadsAreTrials: of cells that hold no numbers, a read that another operation's write met counts, its own does not.
func TestReadsAreTrials(t *testing.T) {
	read := harness.Access{Kind: harness.Finds}
	write := harness.Access{Kind: harness.Appends, Value: 1}
	at := func(begin, end int64) harness.Record {
		return harness.Record{Begin: begin, End: end, Tries: 1, Outcome: harness.OK}
	}
	for name, c := range map[string]struct {
		one, other harness.Record
		did        []harness.Access
		want       int64
	}{
		"a read beside a write":    {at(0, 10), at(3, 5), []harness.Access{read}, 1},
		"a read before a write":    {at(0, 2), at(3, 5), []harness.Access{read}, 0},
		"its own write":            {at(6, 10), at(3, 5), []harness.Access{read, write}, 0},
		"both write":               {at(0, 10), at(3, 12), []harness.Access{read, write}, 1},
		"numbers are for checking": {at(0, 10), at(3, 5), []harness.Access{{Kind: harness.Reads}}, 0},
	} {
		a, b := &harness.Log{}, &harness.Log{Process: 1}
		a.Append(c.one, c.did...)
		b.Append(c.other, write)
		h := &harness.History{Start: harness.NewState(harness.Group{Len: 1}, "", 0), Logs: []*harness.Log{a, b}}
		if got := engine.Trials(h); got != c.want {
			t.Errorf("%s: %d trials, want %d", name, got, c.want)
		}
	}
}
