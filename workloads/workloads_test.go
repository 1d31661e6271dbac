package workloads_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/workloads"
)

// draw draws a workload whose cells hold what may says.
func draw(t *rapid.T, may func(harness.Content) bool) harness.Workload {
	k := rapid.SampledFrom(workloads.Table()).Filter(func(k workloads.Kind) bool {
		start := initial(t, k.Name)
		content, _ := start.Content()
		return may(content)
	}).Draw(t, "workload")
	w, err := workloads.New(k.Name, workloads.Config{
		Cells: 2 * rapid.IntRange(1, 5).Draw(t, "pairs"), Stock: rapid.Int64Range(1, 30).Draw(t, "stock"),
		ManyReads: rapid.Bool().Draw(t, "many reads"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// initial is the state that a workload starts from.
func initial(t rapid.TB, name string) harness.State {
	w, err := workloads.New(name, workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return w.Init()
}

// TestApplyIsWhatMutexDoes: the sequential semantics and the store that does one operation at a time give the same answers,
// for whatever operations on numbers the workloads draw; and one client alone breaks no invariant.
func TestApplyIsWhatMutexDoes(t *testing.T) {
	server, err := memory.Engine().Open(t.Context(), store.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		w := draw(rt, func(c harness.Content) bool { return c == harness.Numbers })
		offer, err := server.Row(store.RowSpec{Strategy: "mutex", Level: harness.NoLevel, Start: w.Init(), Samples: w.Samples()})
		if err != nil || offer.Target == nil {
			rt.Fatal(err, offer.Skip)
		}
		if err := offer.Target.Setup(t.Context(), w.Init()); err != nil {
			rt.Fatal(err)
		}
		session, err := offer.Target.Session(t.Context(), harness.SessionOptions{})
		if err != nil {
			rt.Fatal(err)
		}
		h := &harness.History{Start: w.Init()}
		log := &harness.Log{}
		client := w.Client(0, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0)))
		want := w.Init().Values
		var last harness.Answer
		for i := range rapid.IntRange(1, 200).Draw(rt, "operations") {
			op := client.Next(last)
			op.ID = harness.OpID(0, i+1)
			res := session.Do(t.Context(), op)
			if outcome := harness.Apply(want, op); outcome != res.Outcome {
				rt.Fatalf("%s %+v: mutex says %s, Apply %s", op.Name, op.Steps, res.Outcome, outcome)
			}
			at := int64(i) * 10
			call := op.Refusal()
			log.Append(harness.Record{
				Undoes: op.Undoes, Invoke: at, Begin: at, End: at + 5, Tries: 1, Outcome: res.Outcome,
				Declined: call != nil && call.Outcome == harness.Rejected,
			}, res.Seen...)
			last = harness.Answer{Op: op.ID, Outcome: res.Outcome}
		}
		h.Names, h.Logs = []string{"operation"}, []*harness.Log{log}
		if h.Final, err = offer.Target.Snapshot(t.Context()); err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, h.Final.Values); d != "" {
			rt.Fatalf("cells (-Apply +mutex):\n%s", d)
		}
		for _, c := range w.Checks() {
			if f := c.Check(t.Context(), h); f.Violations > 0 {
				rt.Fatalf("%s accuses one client alone: %v", c.Name, f.Texts)
			}
		}
	})
}

// TestClientsUndoOnlyWhatTheyHold: whatever the answers, an operation is undone at most once, and only after it was
// acknowledged; and the same seed with the same answers gives the same operations.
func TestClientsUndoOnlyWhatTheyHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t, harness.Content.Known)
		seed := rapid.Uint64().Draw(t, "seed")
		a, b := w.Client(0, rand.New(rand.NewPCG(seed, 0))), w.Client(0, rand.New(rand.NewPCG(seed, 0)))
		held := map[int64]bool{}
		var last harness.Answer
		for i := range rapid.IntRange(1, 200).Draw(t, "operations") {
			op := a.Next(last)
			if d := cmp.Diff(op, b.Next(last)); d != "" {
				t.Fatalf("same seed, other operation:\n%s", d)
			}
			for _, c := range op.Touches(nil) {
				if int(c) >= len(w.Init().Values) {
					t.Fatalf("%s touches cell %d", op.Name, c)
				}
			}
			id := harness.OpID(0, i+1)
			outcome := harness.Outcome(rapid.IntRange(0, harness.Outcomes-1).Draw(t, "outcome"))
			if op.Undoes != 0 {
				if !held[op.Undoes] {
					t.Fatalf("%s undoes %d, which the client does not hold", op.Name, op.Undoes)
				}
				held[op.Undoes] = outcome == harness.Failed || outcome == harness.Rejected
			} else {
				held[id] = outcome == harness.OK
			}
			last = harness.Answer{Op: id, Outcome: outcome}
		}
	})
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	for name, cfg := range map[string]workloads.Config{
		"seats": {Cells: -1}, "transfer": {Cells: 1}, "joint": {Cells: 3}, "no-such": {},
	} {
		if _, err := workloads.New(name, cfg); !errors.Is(err, workloads.ErrConfig) {
			t.Errorf("%s %+v: %v", name, cfg, err)
		}
	}
}
