package workloads_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/workloads"
)

// vault holds what is no number behind one lock, and may have a bug.
type vault struct {
	bug   string
	start harness.State
	mu    sync.Mutex
	there [][]int64
}

func (v *vault) Setup(_ context.Context, start harness.State) error {
	v.start, v.there = start, make([][]int64, len(start.Values))
	return nil
}

func (v *vault) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	return &keyholder{vault: v, rand: rand.New(rand.NewPCG(1, 2))}, nil
}
func (v *vault) Snapshot(context.Context) (harness.State, error) { return v.start, nil }
func (v *vault) Close() error                                    { return nil }

type keyholder struct {
	*vault
	rand *rand.Rand
	seen []harness.Access
}

var errAborted = errors.New("aborted")

func (k *keyholder) Do(_ context.Context, op *harness.Op) harness.Result {
	k.seen = k.seen[:0]
	abort := k.rand.IntN(20) == 0
	switch {
	case k.bug == "steps":
		for i := range op.Steps {
			k.apply(&harness.Op{Steps: op.Steps[i : i+1]})
			runtime.Gosched()
		}
	case k.bug == "dirty" && abort:
		k.apply(op)
		runtime.Gosched()
		k.takeBack(op)
		return harness.Result{Outcome: harness.Failed, Conflict: harness.Deadlock, Err: errAborted}
	case abort:
		return harness.Result{Outcome: harness.Failed, Conflict: harness.Deadlock, Err: errAborted}
	case k.bug == "forgets" && abort != (k.rand.IntN(20) == 0):
		k.apply(op)
		k.takeBack(op)
	default:
		k.apply(op)
	}
	return harness.Result{Outcome: harness.OK, Seen: k.seen}
}

func (k *keyholder) apply(op *harness.Op) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = harness.ApplyContents(k.there, op, k.seen)
}

// takeBack removes what the operation wrote.
func (k *keyholder) takeBack(op *harness.Op) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range op.Steps {
		k.there[s.Cell] = slices.DeleteFunc(k.there[s.Cell], func(v int64) bool { return v == s.Value })
	}
}

// TestModelsAreJudged: what a store that does one transaction at a time does is strictly serializable, each of the bugs that one
// can have is found, and every check can be shown to fail.
func TestModelsAreJudged(t *testing.T) {
	for _, workload := range []string{"append", "register", "predicate"} {
		for bug, want := range map[string]string{
			"":      "", // strictly serializable
			"dirty": "read-committed",
			// Nobody misses what a register held before it was overwritten: only reads tell.
			"forgets": "serializable",
			"steps":   "serializable",
		} {
			t.Run(strings.TrimSuffix(workload+"/"+bug, "/"), func(t *testing.T) {
				w, err := workloads.New(workload, workloads.Config{Cells: 4})
				if err != nil {
					t.Fatal(err)
				}
				cfg := engine.DefaultConfig()
				cfg.Concurrency, cfg.Ops, cfg.Seed, cfg.MinTrials = 8, 20_000, 3, 1
				if testing.Short() { // as under the race detector
					cfg.Ops = 4000
				}
				promise := promise.Promise{Safe: true, Model: want}
				rep, err := engine.Run(t.Context(), engine.Row{Workload: w, Target: &vault{bug: bug}, Promise: &promise}, cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, standing := rep.ConsistentWith()
				if broke := rep.Violations() > 0; broke != (bug != "") {
					t.Errorf("%s: %s, standing %v, %v", rep.Verdict, rep.Reason, standing, rep.Results[0].Texts)
				}
				if bug == "" && (rep.Results[0].Vouched != "planted" || !slices.Equal(standing, []string{"strict-serializable"})) {
					t.Errorf("vouched for by %q, standing %v", rep.Results[0].Vouched, standing)
				}
				if bug == "" {
					plantedBreaksAll(t, w, rep.History)
				}
				if rep.Accounting.Attempts != rep.Accounting.Processed() && rep.Accounting.Exhausted == 0 {
					t.Error("an operation that wrote was tried again")
				}
			})
		}
	}
}

// plantedBreaksAll: what is planted breaks the weakest model of all, and so whichever a row promises.
func plantedBreaksAll(t *testing.T, w harness.Workload, h *harness.History) {
	t.Helper()
	c := w.Checks()[0]
	bad, ok := c.Plant(h)
	if !ok {
		t.Fatal("nothing to plant")
	}
	bad.Model = "read-uncommitted"
	if f := c.Check(t.Context(), bad); f.Violations == 0 || f.ConsistentWith == nil || len(f.ConsistentWith) > 0 {
		t.Errorf("planted: %+v", f)
	}
}

// TestValuesAreWrittenOnce, by whatever client.
func TestValuesAreWrittenOnce(t *testing.T) {
	for _, workload := range []string{"append", "register", "predicate"} {
		w, err := workloads.New(workload, workloads.Config{Cells: 3000})
		if err != nil {
			t.Fatal(err)
		}
		there := make([][]int64, len(w.Init().Values))
		written := map[int64]bool{}
		for _, id := range []int{0, 1, 1023, 1024, 2047, 2048, 1 << 20} {
			client := w.Client(id, rand.New(rand.NewPCG(1, uint64(id))))
			var last harness.Answer
			for range 500 {
				op := client.Next(last)
				for _, s := range op.Steps {
					if s.Kind == harness.Read {
						continue
					}
					if s.Value < 1 || written[s.Value] {
						t.Fatalf("%s: client %d writes %d, which is there already or too small", workload, id, s.Value)
					}
					written[s.Value] = true
				}
				last = harness.Answer{Op: 1, Outcome: harness.OK, Seen: harness.ApplyContents(there, op, nil)}
			}
		}
	}
}
