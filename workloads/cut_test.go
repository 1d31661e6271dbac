package workloads_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/workloads"
)

// TestCutTransactions: of a strictly serializable store nothing is accused, whatever of a lost worker's operations is missing, and of one whose
// steps are not isolated what is left shows it.
func TestCutTransactions(t *testing.T) {
	for _, workload := range []string{"append", "register", "predicate"} {
		for _, bug := range []string{"", "steps"} {
			t.Run(workload+"/"+bug, func(t *testing.T) {
				w, err := workloads.New(workload, workloads.Config{Cells: 4})
				if err != nil {
					t.Fatal(err)
				}
				cfg := engine.DefaultConfig()
				cfg.Concurrency, cfg.Ops, cfg.Seed = 9, 300, 3
				if bug != "" {
					cfg.Ops = 4000
				}
				rep, err := engine.Run(t.Context(), engine.Row{Workload: w, Target: &vault{bug: bug}, Promise: &promise.Promise{Safe: true}}, cfg)
				if err != nil {
					t.Fatal(err)
				}
				rapid.Check(t, func(t *rapid.T) {
					lost, keep := rapid.IntRange(0, 2).Draw(t, "lost"), rapid.IntRange(0, 100).Draw(t, "keep")
					h := cutOff(rep.History, lost, func(n int) int { return min(n, max(0, n*keep/100+rapid.IntRange(-3, 3).Draw(t, "more"))) })
					j := engine.Judge(t.Context(), h, w.Checks(), rep.Promise, nil, 1)
					want := harness.Inconclusive
					if bug != "" {
						want = harness.Unsafe
					}
					if j.Verdict != want || bug == "" && j.Reason != "worker w fell silent" {
						t.Fatalf("%s: %s %v", j.Verdict, j.Reason, j.Results[0].Texts)
					}
					if all, _ := j.ConsistentWith(); all != nil {
						t.Fatalf("standing: %v", all)
					}
				})
			})
		}
	}
}

// cutOff is the history without what one of three workers did last.
func cutOff(h *harness.History, lost int, keep func(n int) int) *harness.History {
	c := *h
	c.Clocks, c.Logs = make([]harness.Clock, 3), nil
	c.Clocks[lost] = harness.Clock{Name: "w", Missing: "fell silent"}
	for _, l := range h.Logs {
		own := &harness.Log{Process: l.Process, Clock: int(l.Process) % 3}
		n := l.Len()
		if own.Clock == lost {
			n = keep(n)
		}
		for i := range n {
			r := l.At(i)
			own.Append(*r.Record, r.Accesses...)
		}
		c.Logs = append(c.Logs, own)
	}
	return &c
}
