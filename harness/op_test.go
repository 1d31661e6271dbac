package harness_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// TestApplyIsAllOrNothing: what is allowed is added, what is not leaves no trace, guards see the steps before them, and
// what stops an operation is the first of its steps that does not go well.
func TestApplyIsAllOrNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 4), 3, 3).Draw(t, "values")
		cell := func(label string) harness.Cell { return harness.Cell(rapid.IntRange(0, 2).Draw(t, label)) }
		var op harness.Op
		outcome := harness.OK
		stop := func(o harness.Outcome) {
			if outcome == harness.OK {
				outcome = o
			}
		}
		want := slices.Clone(values)
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "call") == 0 {
				answer := rapid.SampledFrom([]harness.Outcome{harness.OK, harness.Rejected, harness.Failed}).Draw(t, "answer")
				op.Steps = append(op.Steps, harness.Step{Kind: harness.Call, Service: "payment", Outcome: answer})
				stop(answer)
				continue
			}
			s := harness.Step{Kind: harness.Add, Cell: cell("cell"), Delta: rapid.Int64Range(-3, 3).Draw(t, "delta")}
			want[s.Cell] += s.Delta
			if rapid.Bool().Draw(t, "guarded") {
				a, b := cell("guard"), cell("guard")
				s.Guard = harness.Guard{Cells: []harness.Cell{a, b}, Min: 1}
				if want[a]+want[b] < 1 {
					stop(harness.Rejected)
				}
			}
			op.Steps = append(op.Steps, s)
		}
		before, decided := slices.Clone(values), slices.Clone(values)
		if got := harness.Apply(values, &op); got != outcome {
			t.Fatalf("%s, want %s", got, outcome)
		}
		goes := harness.Decide(decided, &op)
		if call := op.Refusal(); call == nil && goes != (outcome == harness.OK) || goes && !slices.Equal(decided, want) || !goes && !slices.Equal(decided, before) {
			t.Fatalf("decided %v: %v, want %v", goes, decided, want)
		}
		if !goes && outcome != harness.Rejected {
			t.Fatalf("decided against it, but it is %s", outcome)
		}
		if outcome != harness.OK {
			want = before
		}
		if !slices.Equal(values, want) {
			t.Fatalf("%v, want %v", values, want)
		}
	})
}

// TestCallsWaitForTheirSteps: written in cell order, an operation makes each of its Calls once, in their order, when the cells of
// all steps before it are written, and before any other cell that it need not wait for.
func TestCallsWaitForTheirSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var op harness.Op
		var calls []*harness.Step
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			s := harness.Step{Kind: harness.Call}
			if rapid.Bool().Draw(t, "add") {
				s = harness.Step{Kind: harness.Add, Cell: harness.Cell(rapid.IntRange(0, 4).Draw(t, "cell")), Delta: 1}
			}
			op.Steps = append(op.Steps, s)
		}
		cells := append(op.Touches(nil), harness.NoCell)
		slices.Sort(cells)
		step := 0
		for _, c := range cells {
			calls = slices.AppendSeq(calls, op.CallsBefore(&step, c))
			for i := range op.Steps {
				if op.Steps[i].Kind != harness.Call {
					continue
				}
				early := slices.ContainsFunc(op.Steps[:i], func(s harness.Step) bool { return s.Kind == harness.Add && s.Cell >= c })
				if slices.Contains(calls, &op.Steps[i]) == early {
					t.Fatalf("%+v: about to write cell %d, call %d was made: %v", op.Steps, c, i, !early)
				}
			}
		}
		if !slices.IsSortedFunc(calls, func(a, b *harness.Step) int { return stepOf(&op, a) - stepOf(&op, b) }) || len(slices.Compact(calls)) != len(calls) {
			t.Fatalf("%+v: calls out of order, or twice", op.Steps)
		}
	})
}

func stepOf(op *harness.Op, s *harness.Step) int {
	for i := range op.Steps {
		if s == &op.Steps[i] {
			return i
		}
	}
	return -1
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
