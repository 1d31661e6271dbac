package anomaly

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// tiny draws a history of up to five transactions by a store of any level, sometimes one more that reads everything at the end,
// and spoils some of them.
func tiny(t *rapid.T, kind history.Kind, chains bool) *history.Transactions {
	s := newStore(t, rapid.SampledFrom(append(levels, lossy)).Draw(t, "level"), kind, 3, rapid.IntRange(1, 3).Draw(t, "keys"))
	s.chains = chains
	if kind == mixed {
		for k := range s.kinds {
			s.kinds[k] = rapid.SampledFrom([]history.Kind{history.Lists, history.Registers}).Draw(t, "kind")
		}
	}
	h := s.run(rapid.IntRange(1, 5).Draw(t, "transactions"))
	if rapid.Bool().Draw(t, "last") {
		s.atomic, s.late, s.programs = true, latest, func() []history.TxnOp {
			var steps []history.TxnOp
			for k := range int32(s.keys) {
				steps = append(steps, history.TxnOp{Kind: s.kinds[k], Key: k})
			}
			return steps
		}
		s.clients = s.clients[:1]
		h = s.run(1)
	}
	if s.chance(3, "spoil") {
		spoil(t, h)
	}
	return h
}

// spoil changes what one read found.
func spoil(t *rapid.T, h *history.Transactions) {
	var reads []int
	for i := range h.Outcome {
		for s := h.First[i]; s < h.First[i+1]; s++ {
			if h.Outcome[i] == harness.OK && !h.Ops[s].Write {
				reads = append(reads, int(s))
			}
		}
	}
	if len(reads) == 0 {
		return
	}
	op := &h.Ops[rapid.SampledFrom(reads).Draw(t, "read")]
	list := slices.Clone(h.List(op))
	value := int32(rapid.IntRange(1, 4).Draw(t, "value"))
	switch {
	case op.Kind == history.Registers:
		op.Value = value
		return
	case len(list) > 0 && rapid.Bool().Draw(t, "shorter"):
		list = list[:len(list)-1]
	case !slices.Contains(list, value):
		list = append(list, value)
	}
	answer(h, op, list, true)
}

// TestBruteForce: on tiny histories the judge says of each model what trying out everything says.
func TestBruteForce(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   history.Kind
		chains bool
	}{
		{"lists", history.Lists, false},
		{"sets", history.Sets, false},
		{"registers", history.Registers, false},
		{"chains", history.Registers, true},
		{"mixed", mixed, false},
		{"mixed chains", mixed, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				h := tiny(t, c.kind, c.chains)
				judge := Judge
				if h.Holds(history.Registers) {
					judge = rapid.SampledFrom([]judgement{Judge, JudgeChains}).Draw(t, "judge")
				}
				agree(t, h, judge, true)
			})
		})
	}
}

// TestBruteForceOnAnything: whatever clients say that they were told, values that nobody wrote or several did included.
func TestBruteForceOnAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := fromBytes(rapid.SliceOfN(rapid.Byte(), 0, 48).Draw(t, "bytes"))
		if h.Len() > 4 {
			t.Skip("too long")
		}
		withoutTimes(h)
		judge := rapid.SampledFrom([]judgement{Judge, JudgeChains}).Draw(t, "judge")
		agree(t, h, judge, attributed(h))
	})
}

// withoutTimes makes nothing known of when the transactions were, nor what those that did not end well had read.
func withoutTimes(h *history.Transactions) {
	for i, o := range h.Outcome {
		h.Invoke[i], h.Complete[i], h.Process[i] = -1, int32(i), history.NoProcess
		steps := h.Steps(int32(i))
		for j := range steps {
			switch op := &steps[j]; {
			case op.Write || o == harness.OK:
			case op.Kind == history.Registers:
				op.Value = history.NotRead
			default:
				op.Len = history.NotRead
			}
		}
	}
}

// attributed reports whether it is known whose element each read of a list or range shows: no more than one append of it may have happened, or
// could have been shown beside it.
func attributed(h *history.Transactions) bool {
	possible, tried := map[[2]int32]int{}, map[[2]int32]int{}
	for i := range int32(h.Len()) {
		for _, op := range h.Steps(i) {
			if at := [2]int32{op.Key, op.Value}; op.Write && op.Kind != history.Registers {
				tried[at]++
				if h.Outcome[i] != harness.Failed {
					possible[at]++
				}
			}
		}
	}
	for i := range int32(h.Len()) {
		for _, op := range h.Steps(i) {
			if op.Write || op.Kind == history.Registers || h.Outcome[i] != harness.OK {
				continue
			}
			shown := map[int32]int{}
			for _, v := range h.List(&op) {
				at := [2]int32{op.Key, v}
				if shown[v]++; possible[at] > 1 || possible[at] == 1 && tried[at] > 1 && shown[v] > 1 {
					return false
				}
			}
		}
	}
	return true
}

type judgement = func(context.Context, *history.Transactions, string) (*Result, error)

// agree compares the judge with what trying out everything says, both ways where that is certain.
func agree(t *rapid.T, h *history.Transactions, judge judgement, certain bool) {
	l := newLattice()
	all, err := judge(t.Context(), h, "")
	if err != nil {
		t.Fatal(err)
	}
	holds, out := reach(all.ConsistentWith, l.includes), slices.Concat(all.Not, all.AlsoNot)
	for _, m := range []struct {
		model    string
		order    edgeKind
		explains func(*history.Transactions, edgeKind) bool
	}{
		{"serializable", 0, serial},
		{"strong-session-serializable", process, serial},
		{StrictSerializable, realtime, serial},
		{"snapshot-isolation", 0, snapshotIsolated},
		{"strong-session-snapshot-isolation", process, snapshotIsolated},
		{"strong-snapshot-isolation", realtime, snapshotIsolated},
	} {
		r, err := judge(t.Context(), h, m.model)
		if err != nil {
			t.Fatal(err)
		}
		explained := m.explains(h, m.order)
		switch {
		case explained && r.Verdict == harness.Unsafe:
			t.Fatalf("%s could have been so, and is accused: %s\n%s", m.model, r.Reason, show(h, r))
		case !explained && r.Verdict != harness.Unsafe && certain:
			t.Fatalf("%s could not have been so: %s\n%s", m.model, r.Reason, show(h, r))
		case explained && slices.Contains(out, m.model):
			t.Fatalf("%s could have been so, and is ruled out\n%s", m.model, show(h, all))
		case certain && !explained && holds[m.model]:
			t.Fatalf("%s could not have been so, and is said to stand\n%s", m.model, show(h, all))
		}
	}
}
