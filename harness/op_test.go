package harness_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// TestApplyIsAllOrNothing: what is allowed is added, what is not leaves no trace, and guards see the steps before them.
func TestApplyIsAllOrNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 4), 3, 3).Draw(t, "values")
		cell := func(label string) harness.Cell { return harness.Cell(rapid.IntRange(0, 2).Draw(t, label)) }
		var op harness.Op
		allowed := true
		want := slices.Clone(values)
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			s := harness.Step{Kind: harness.Add, Cell: cell("cell"), Delta: rapid.Int64Range(-3, 3).Draw(t, "delta")}
			want[s.Cell] += s.Delta
			if rapid.Bool().Draw(t, "guarded") {
				a, b := cell("guard"), cell("guard")
				s.Guard = harness.Guard{Cells: []harness.Cell{a, b}, Min: 1}
				allowed = allowed && want[a]+want[b] >= 1
			}
			op.Steps = append(op.Steps, s)
		}
		before := slices.Clone(values)
		if got := harness.Apply(values, &op); got != allowed {
			t.Fatalf("allowed: %v, want %v", got, allowed)
		}
		if !allowed {
			want = before
		}
		if !slices.Equal(values, want) {
			t.Fatalf("%v, want %v", values, want)
		}
	})
}

func TestOpIDComesApart(t *testing.T) {
	for _, process := range []int32{0, 7, 1 << 30} {
		for _, seq := range []int{1, 5, 1<<31 - 1} {
			if id := harness.OpID(process, seq); id <= 0 || harness.OpProcess(id) != process || harness.OpSeq(id) != seq {
				t.Errorf("%d, %d: %d", process, seq, id)
			}
		}
	}
}

func TestTouchesAndDeltas(t *testing.T) {
	op := harness.Op{Steps: []harness.Step{
		{Kind: harness.Add, Cell: 4, Delta: -2, Guard: harness.Guard{Cells: []harness.Cell{4, 1}}},
		{Kind: harness.Add, Cell: 2, Delta: 2},
		{Kind: harness.Add, Cell: 4, Delta: -3},
	}}
	if got := op.Touches(nil); !slices.Equal(got, []harness.Cell{4, 1, 2}) {
		t.Error(got)
	}
	if op.DeltaOf(4) != -5 || op.DeltaOf(1) != 0 || op.ReadOnly() || !op.ReadsOthers() {
		t.Error("deltas, or what is read beside them")
	}
}
