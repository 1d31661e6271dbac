package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
)

// checkThat finds what the seed of the history says; its plant is a history with seed 1.
func checkThat(name string) harness.Checker {
	return harness.Checker{
		Name: name,
		Check: func(_ context.Context, h *harness.History) harness.Finding {
			return harness.Finding{Violations: int64(h.Seed), Measure: int64(h.Seed)}
		},
		Plant: func(h *harness.History) (*harness.History, bool) {
			bad := *h
			bad.Seed = 1
			return &bad, true
		},
	}
}

// trials is a history with two trials and so many violations.
func trials(violations uint64) *harness.History {
	h := &harness.History{Seed: violations, Start: harness.State{Values: make([]int64, 1)}}
	for p := range int32(2) {
		l := &harness.Log{Process: p}
		l.Append(harness.Record{Begin: 1, End: 5, Outcome: harness.OK}, harness.Access{Kind: harness.Writes, Delta: -1})
		h.Logs = append(h.Logs, l)
	}
	return h
}

func TestVerdicts(t *testing.T) {
	safe := &promise.Promise{Safe: true, Reason: "locks before it reads"}
	unsafe := &promise.Promise{Short: "lets P4 through", Reason: "MySQL lets P4 through"}
	caught := &engine.Control{Failed: map[string]bool{"a": true}}
	harmless := &engine.Control{Label: harness.Label{Target: "memory", Strategy: "naive"}}
	for _, c := range []struct {
		name       string
		promise    *promise.Promise
		control    *engine.Control
		violations uint64
		minTrials  int64
		want       harness.Verdict
		asExpected bool
		reason     string
	}{
		{"unsafe, violated", unsafe, caught, 3, 1, harness.Unsafe, true, "MySQL lets P4 through"},
		{"unsafe, enough evidence", unsafe, caught, 0, 1, harness.Inconclusive, false, "this load did not show it"},
		{"unsafe, too little", unsafe, caught, 0, 9, harness.Inconclusive, false, "this load did not show it"},
		{"safe, violated", safe, caught, 3, 1, harness.Unsafe, false, "SURPRISE"},
		{"safe, enough evidence", safe, caught, 0, 2, harness.Safe, true, "locks before it reads"},
		{"safe, too little", safe, caught, 0, 3, harness.Inconclusive, false, "only 2 of 3 trials"},
		{"safe, violated, too little", safe, nil, 1, 9, harness.Unsafe, false, "SURPRISE"},
		{"no promise, violated", nil, nil, 1, 1, harness.Unsafe, false, "an invariant broke"},
		{"no promise, enough evidence", nil, nil, 0, 2, harness.Safe, true, "nothing broke"},
		{"control not caught", safe, harmless, 0, 2, harness.Inconclusive, false, "memory/naive"},
		{"no control", safe, nil, 0, 2, harness.Safe, true, "locks before it reads"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := engine.Judge(context.Background(), trials(c.violations), []harness.Checker{checkThat("a")}, c.promise, c.control, c.minTrials)
			if j.Verdict != c.want || j.AsExpected != c.asExpected || !strings.Contains(j.Reason, c.reason) || j.Trials != 2 {
				t.Errorf("%s, as expected %v, %d trials: %s", j.Verdict, j.AsExpected, j.Trials, j.Reason)
			}
			if j.Violations() != int64(c.violations) || j.Measure("a") != int64(c.violations) {
				t.Errorf("%d violations, %d units", j.Violations(), j.Measure("a"))
			}
		})
	}
}

// TestWorseThanExpected: a row that is to break its model is to keep a weaker one, and surprises where it does not.
func TestWorseThanExpected(t *testing.T) {
	p := &promise.Promise{Short: "long fork possible", Reason: "two servers", Model: "serializable", Floor: "weaker"}
	for _, standing := range []string{"weaker", "stronger", "weakest"} {
		c := checkThat("a")
		c.ConsistentInBoth = func(a, b []string) []string {
			if a[0] == "stronger" {
				return b // which it includes
			}
			return a
		}
		check := c.Check
		c.Check = func(ctx context.Context, h *harness.History) harness.Finding {
			f := check(ctx, h)
			f.ConsistentWith = []string{standing}
			return f
		}
		j := engine.Judge(context.Background(), trials(1), []harness.Checker{c}, p, nil, 1)
		if worse := standing == "weakest"; j.Verdict != harness.Unsafe || j.AsExpected == worse || strings.Contains(j.Reason, "SURPRISE") != worse {
			t.Errorf("%s: %s, as expected %v: %s", standing, j.Verdict, j.AsExpected, j.Reason)
		}
	}
}

func judge(h *harness.History, control *engine.Control, minTrials int64, checks ...harness.Checker) engine.Judgement {
	return engine.Judge(context.Background(), h, checks, &promise.Promise{Safe: true}, control, minTrials)
}

// TestVouching: the control vouches for the checks that it made fail, a planted corruption for the others.
func TestVouching(t *testing.T) {
	control := &engine.Control{Failed: map[string]bool{"a": true}}
	j := judge(trials(0), control, 1, checkThat("a"), checkThat("b"))
	if j.Verdict != harness.Safe || j.Results[0].Vouched != "control" || j.Results[1].Vouched != "planted" {
		t.Errorf("%s: %+v", j.Reason, j.Results)
	}
	blind, bare := checkThat("blind"), checkThat("bare")
	blind.Check = func(context.Context, *harness.History) harness.Finding { return harness.Finding{} }
	bare.Plant = nil
	for _, c := range []harness.Checker{blind, bare} {
		if j := judge(trials(0), control, 1, checkThat("a"), c); j.Verdict != harness.Inconclusive || !strings.Contains(j.Reason, c.Name) {
			t.Errorf("%s: %s", j.Verdict, j.Reason)
		}
	}
}

func TestWhatIsNotJudged(t *testing.T) {
	figure := checkThat("figure")
	figure.Figure = true
	bad := trials(4)
	j := judge(bad, nil, 1, figure)
	if j.Violations() != 0 || j.Measure("figure") != 4 || j.Verdict == harness.Unsafe {
		t.Errorf("a figure was judged: %+v", j)
	}
	needs := checkThat("needs")
	needs.NeedsOps = true
	bad.Counts = true
	if j := judge(bad, nil, 1, needs); j.Verdict != harness.Inconclusive || j.Results[0].Skipped == "" || !strings.Contains(j.Reason, "needs was not made") {
		t.Errorf("a check without operations: %+v", j)
	}
	alone := checkThat("alone")
	alone.NoOverlap = true
	if j := judge(trials(0), nil, 1000, alone); j.Verdict != harness.Safe {
		t.Errorf("a check that needs no overlap: %s", j.Reason)
	}
}

func TestControlKnowsWhatFailed(t *testing.T) {
	figure := checkThat("figure")
	figure.Figure = true
	c := engine.NewControl(&engine.Report{Judgement: judge(trials(2), nil, 1, checkThat("a"), figure)})
	if !c.Failed["a"] || c.Failed["figure"] {
		t.Error(c.Failed)
	}
}

func TestFindingKeepsTheFirstTexts(t *testing.T) {
	var f harness.Finding
	for range 5 {
		f.Add(func() string { return "x" })
	}
	if f.Violations != 5 || len(f.Texts) != harness.MaxTexts {
		t.Errorf("%+v", f)
	}
}
