package anomaly

import (
	"encoding/json"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// changes are ways to tell the same history otherwise.
var changes = map[string]func(*rapid.T, *history.Transactions) *history.Transactions{
	"keys and values renamed":         renamed,
	"steps on other keys swapped":     swapped,
	"transactions beside it":          beside,
	"told again":                      func(_ *rapid.T, h *history.Transactions) *history.Transactions { return h },
	"by another number of processors": func(_ *rapid.T, h *history.Transactions) *history.Transactions { return h },
}

// TestTheSameHistoryOtherwise: what does not matter changes nothing; and where nothing is changed at all, not a byte.
func TestTheSameHistoryOtherwise(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				kind := history.Kind(rapid.IntRange(0, len(kindNames)-1).Draw(t, "kind"))
				s := newStore(t, rapid.SampledFrom(append(levels, lossy)).Draw(t, "level"), kind, 4, 3)
				h := s.run(rapid.IntRange(1, 16).Draw(t, "transactions"))
				if s.chance(4, "spoil") {
					spoil(t, h)
				}
				model := rapid.SampledFrom([]string{"serializable", "strong-session-serializable", StrictSerializable}).Draw(t, "model")
				judge := rapid.SampledFrom([]judgement{Judge, JudgeChains}).Draw(t, "judge")
				runtime.GOMAXPROCS(1)
				want, err := judge(t.Context(), h, model)
				if err != nil {
					t.Fatal(err)
				}
				other := change(t, h)
				if name != "told again" {
					runtime.GOMAXPROCS(4)
				}
				got, err := judge(t.Context(), other, model)
				if err != nil {
					t.Fatal(err)
				}
				if other == h {
					a, b := asJSON(t, want), asJSON(t, got)
					if a != b {
						t.Fatalf("%s\nis not\n%s", a, b)
					}
					return
				}
				mustBeAlike(t, h, want, got)
			})
		})
	}
}

func asJSON(t *rapid.T, r *Result) string {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// mustBeAlike fails unless the same was found.
func mustBeAlike(t *rapid.T, h *history.Transactions, want, got *Result) {
	found := func(r *Result) []string {
		return slices.DeleteFunc(slices.Clone(r.Anomalies), func(a string) bool { return a == EmptyGraph })
	}
	for _, c := range []struct {
		what      string
		want, got []string
	}{
		{"anomalies", found(want), found(got)},
		{"not", want.Not, got.Not},
		{"also not", want.AlsoNot, got.AlsoNot},
		{"standing", want.ConsistentWith, got.ConsistentWith},
	} {
		if !slices.Equal(c.want, c.got) {
			t.Fatalf("%s: %v, and %v\n%s", c.what, c.want, c.got, show(h, want))
		}
	}
}

// retold is the history with other steps, where each transaction's are given with what its reads found.
func retold(h *history.Transactions, steps func(i int32) ([]history.TxnOp, [][]int32)) *history.Transactions {
	c := *h
	c.Ops, c.Elements, c.First = nil, nil, []int32{0}
	for i := range int32(h.Len()) {
		ops, found := steps(i)
		for j, op := range ops {
			if op.Kind != history.Registers && op.Len >= 0 && !op.Write && op.Value != history.Initial {
				op.Value = int32(len(c.Elements))
				c.Elements = append(c.Elements, found[j]...)
			}
			c.Ops = append(c.Ops, op)
		}
		c.First = append(c.First, int32(len(c.Ops)))
	}
	return &c
}

// renamed gives keys and values other numbers, of names and in another order.
func renamed(t *rapid.T, h *history.Transactions) *history.Transactions {
	keys := rapid.Permutation([]int32{3, 1 << 20, 1<<31 - 1, 1<<31 - 2, 0}).Draw(t, "keys")
	factor := rapid.SampledFrom([]int32{1, 7, 1 << 20}).Draw(t, "factor")
	value := func(v int32) int32 {
		if v < 0 {
			return v
		}
		return 1<<30 - 1 - v*factor
	}
	return retold(h, func(i int32) ([]history.TxnOp, [][]int32) {
		ops := slices.Clone(h.Steps(i))
		found := make([][]int32, len(ops))
		for j := range ops {
			op := &ops[j]
			for _, v := range h.List(op) {
				found[j] = append(found[j], value(v))
			}
			if op.Write || op.Kind == history.Registers {
				op.Value = value(op.Value)
			}
			op.Key = keys[op.Key]
		}
		return ops, found
	})
}

// swapped brings the steps of each transaction into another order, in which those on one key keep theirs.
func swapped(t *rapid.T, h *history.Transactions) *history.Transactions {
	return retold(h, func(i int32) ([]history.TxnOp, [][]int32) {
		steps := h.Steps(i)
		var ops []history.TxnOp
		var found [][]int32
		for _, key := range rapid.Permutation([]int32{0, 1, 2}).Draw(t, "order of keys") {
			for j := range steps {
				if steps[j].Key == key {
					ops, found = append(ops, steps[j]), append(found, h.List(&steps[j]))
				}
			}
		}
		return ops, found
	})
}

// beside adds transactions on keys of their own, of processes of their own, before or after all others or with no known times.
func beside(t *rapid.T, h *history.Transactions) *history.Transactions {
	const alone = 100
	c := retold(h, func(i int32) ([]history.TxnOp, [][]int32) {
		var found [][]int32
		for _, op := range h.Steps(i) {
			found = append(found, h.List(&op))
		}
		return h.Steps(i), found
	})
	c.Outcome, c.Process = slices.Clone(h.Outcome), slices.Clone(h.Process)
	c.Invoke, c.Complete = slices.Clone(h.Invoke), slices.Clone(h.Complete)
	event := int32(0)
	for i := range c.Invoke {
		event = max(event, c.Invoke[i]+1, c.Complete[i]+1)
	}
	for n := range int32(rapid.IntRange(1, 3).Draw(t, "beside")) {
		invoke, complete := event+2*n, event+2*n+1
		if rapid.Bool().Draw(t, "no times") {
			invoke, complete = -1, -1
		}
		c.Ops = append(c.Ops, history.TxnOp{Write: true, Kind: h.Ops[0].Kind, Key: alone + n, Value: 1})
		c.First = append(c.First, int32(len(c.Ops)))
		c.Outcome, c.Process = append(c.Outcome, harness.OK), append(c.Process, alone+n)
		c.Invoke, c.Complete = append(c.Invoke, invoke), append(c.Complete, complete)
	}
	return c
}
