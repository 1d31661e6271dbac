package engine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// endless is a check that looks at the operations again and again, and interrupts as soon as it does.
func endless(interrupt func(), found int64) harness.Checker {
	return harness.Checker{Name: "endless", Check: func(_ context.Context, h *harness.History) harness.Finding {
		if found > 0 {
			return harness.Finding{Violations: found}
		}
		for {
			interrupt()
			for r := range h.Ops() {
				_ = r
			}
		}
	}}
}

// TestInterruptedJudgement: a judgement that is interrupted ends, though its checks would go on for ever, and says that it did not judge. What was
// found until then stands.
func TestInterruptedJudgement(t *testing.T) {
	for name, c := range map[string]struct {
		found int64
		want  harness.Verdict
	}{"nothing found": {0, harness.Inconclusive}, "a violation found": {3, harness.Unsafe}} {
		t.Run(name, func(t *testing.T) {
			h := &harness.History{Logs: []*harness.Log{{}}, Spool: spool.New(t.TempDir(), 0)}
			for range 5000 {
				h.Logs[0].Append(harness.Record{Tries: 1})
			}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			checks := []harness.Checker{endless(interrupt, 0)}
			if c.found > 0 {
				checks = append([]harness.Checker{endless(nil, c.found)}, checks...)
			}
			j := Judge(ctx, h, checks, nil, nil, 1)
			if j.Verdict != c.want || c.found == 0 && (!strings.Contains(j.Reason, "interrupted") || j.AsExpected) {
				t.Errorf("%s: %s", j.Verdict, j.Reason)
			}
			for i := range j.Results {
				if res := &j.Results[i]; res.Violations == 0 && res.Skipped == "" {
					t.Errorf("check %d passes for made", i)
				}
			}
		})
	}
}

// TestSideBySide: all are called, and of several that panic one is heard of.
func TestSideBySide(t *testing.T) {
	called := make([]bool, 100)
	sideBySide(len(called), func(i int) { called[i] = true })
	for i, c := range called {
		if !c {
			t.Errorf("%d was not called", i)
		}
	}
	defer func() {
		err, ok := recover().(error)
		var p *PanicError
		if !ok || !errors.As(err, &p) || p.Value != "broken" {
			t.Errorf("recovered %v", err)
		}
	}()
	sideBySide(10, func(int) { panic("broken") })
}
