package anomaly

import (
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// source gives out bytes, and zeros when there are none left.
type source []byte

func (s *source) next(n int32) int32 {
	if len(*s) == 0 {
		return 0
	}
	b := int32((*s)[0])
	*s = (*s)[1:]
	return b % n
}

// fromBytes is a history of the right shape, in which anything may be wrong: values that nobody wrote or several did, answers of
// transactions that failed, steps without an answer, transactions that end before they begin.
func fromBytes(data []byte) *history.Transactions {
	s := source(data)
	h := &history.Transactions{First: []int32{0}}
	kind := history.Kind(s.next(4))
	numbers := []int32{0, 1, 2, 3, 4, 5, 1<<30 - 1, 1<<31 - 1}
	free := make([]int32, 0, 64)
	for i := range int32(64) {
		free = append(free, i)
	}
	event := func() int32 {
		if i := s.next(int32(len(free)) + 1); int(i) < len(free) {
			at := free[i]
			free = slices.Delete(free, int(i), int(i)+1)
			return at
		}
		return -1
	}
	for len(s) > 0 && h.Len() < 24 {
		h.Outcome = append(h.Outcome, []harness.Outcome{harness.OK, harness.OK, harness.Unknown, harness.Failed}[s.next(4)])
		h.Process = append(h.Process, s.next(4)+history.NoProcess)
		h.Invoke, h.Complete = append(h.Invoke, event()), append(h.Complete, event())
		for range s.next(6) {
			op := history.TxnOp{Kind: kind, Key: numbers[s.next(8)], Write: s.next(2) == 1}
			if kind == mixed {
				op.Kind = kindOf(op.Key)
			}
			switch {
			case op.Write:
				op.Value = numbers[s.next(8)]
			case op.Kind == history.Registers:
				op.Value = append([]int32{history.Initial, history.NotRead}, numbers...)[s.next(10)]
			default:
				op.Value = int32(len(h.Elements))
				switch op.Len = s.next(8) - 2; op.Len {
				case -1:
					op.Value, op.Len = history.Initial, 0
				case history.NotRead:
				default:
					for range op.Len {
						h.Elements = append(h.Elements, numbers[s.next(8)])
					}
				}
			}
			h.Ops = append(h.Ops, op)
		}
		h.First = append(h.First, int32(len(h.Ops)))
	}
	return h
}

// FuzzJudge: a history of the right shape gets a verdict that agrees with itself, whatever is in it.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\x01\x40\x40\x02\x00\x01\x01\x01\x00\x03\x01"))
	f.Add([]byte("\x01lastseat\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"))
	f.Add([]byte("\x02a range of rows, read and written, by transactions of many kinds"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := fromBytes(data)
		for _, judge := range []judgement{Judge, JudgeChains} {
			for _, model := range []string{"", "strong-session-serializable", "snapshot-isolation", "read-uncommitted"} {
				r, err := judge(t.Context(), h, model)
				if err != nil {
					t.Fatal(err)
				}
				mustAgreeWithItself(t, h, r)
			}
		}
	})
}

func mustAgreeWithItself(t *testing.T, h *history.Transactions, r *Result) {
	l := newLattice()
	forbidden := slices.ContainsFunc(r.Anomalies, func(a string) bool { return l.forbiddenBy(r.Model, a) })
	ruledOut := slices.Concat(r.Not, r.AlsoNot)
	switch {
	case r.Reason == "":
		t.Fatalf("no reason\n%s", show(h, r))
	case forbidden != (r.Verdict == harness.Unsafe):
		t.Fatalf("%s, with %v\n%s", r.Verdict, r.Anomalies, show(h, r))
	case forbidden && !slices.Contains(ruledOut, r.Model):
		t.Fatalf("%s is not ruled out, but by name\n%s", r.Model, show(h, r))
	}
	for _, s := range r.ConsistentWith {
		if slices.Contains(ruledOut, s) {
			t.Fatalf("%s is ruled out and stands\n%s", s, show(h, r))
		}
	}
	for _, w := range r.Witnesses {
		if w.Text == "" || w.Cycle != nil && slices.Contains(w.Cycle.Whys, "") {
			t.Fatalf("%s is not explained\n%s", w.Anomaly, show(h, r))
		}
	}
}
