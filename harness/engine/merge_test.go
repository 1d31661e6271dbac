package engine_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
)

// judged is a judgement of two checks: so many trials, so many violations of the first, and what vouches for the second.
func judged(trials, violations int64, vouched string) engine.Judgement {
	return engine.Judgement{Trials: trials, Verdict: harness.Inconclusive, Results: []engine.CheckResult{
		{Checker: harness.Checker{Name: "a"}, Vouched: "control", Finding: harness.Finding{
			Violations: violations, Measure: 2 * violations, Texts: slices.Repeat([]string{"text"}, int(min(violations, harness.MaxTexts))),
		}},
		{Checker: harness.Checker{Name: "b"}, Vouched: vouched},
	}}
}

func TestTogether(t *testing.T) {
	safe := &promise.Promise{Safe: true, Reason: "locks before it reads"}
	unsafe := &promise.Promise{Short: "lets P4 through", Reason: "MySQL lets P4 through"}
	caught := &engine.Control{Failed: map[string]bool{"a": true}}
	skipped := judged(600, 0, "planted")
	skipped.Results[1].Skipped = "operations were counted"
	lost := func(violations int64) engine.Judgement {
		j := judged(0, violations, "")
		j.Missing = "worker w1 fell silent"
		return j
	}
	for _, c := range []struct {
		name       string
		promise    *promise.Promise
		control    *engine.Control
		parts      []engine.Judgement
		want       harness.Verdict
		asExpected bool
		reason     string
	}{
		{"one violation convicts", unsafe, caught, []engine.Judgement{judged(900, 0, ""), judged(900, 1, "")}, harness.Unsafe, true, "P4"},
		{"one violation convicts a promised row", safe, caught, []engine.Judgement{judged(9000, 0, "planted"), judged(9, 1, "")}, harness.Unsafe, false, "SURPRISE"},
		{"expected unsafe, never shown", unsafe, caught, []engine.Judgement{judged(9000, 0, ""), judged(9000, 0, "")}, harness.Inconclusive, false, "did not show it"},
		{"trials add up", safe, caught, []engine.Judgement{judged(600, 0, "planted"), judged(600, 0, "planted")}, harness.Safe, true, "locks"},
		{"and may not suffice", safe, caught, []engine.Judgement{judged(499, 0, "planted"), judged(500, 0, "planted")}, harness.Inconclusive, false, "only 999 of 1000"},
		{"a check could fail in one", safe, caught, []engine.Judgement{judged(600, 0, ""), judged(600, 0, "planted")}, harness.Safe, true, "locks"},
		{"a check could fail in none", safe, caught, []engine.Judgement{judged(600, 0, ""), judged(600, 0, "")}, harness.Inconclusive, false, "check b"},
		{"a check was not made in one", safe, caught, []engine.Judgement{judged(600, 0, "planted"), skipped}, harness.Inconclusive, false, "was not made"},
		{"no control", safe, nil, []engine.Judgement{judged(600, 0, "planted"), judged(600, 0, "planted")}, harness.Safe, true, "locks"},
		{"what lost a worker adds nothing", safe, caught, []engine.Judgement{judged(999, 0, "planted"), lost(0)}, harness.Inconclusive, false, "only 999 of 1000"},
		{"nor takes away", safe, caught, []engine.Judgement{lost(0), judged(1000, 0, "planted")}, harness.Safe, true, "locks"},
		{"all lost a worker", safe, caught, []engine.Judgement{lost(0), lost(0)}, harness.Inconclusive, false, "worker w1 fell silent"},
		{"a violation stands without what is lost", safe, caught, []engine.Judgement{judged(1000, 0, "planted"), lost(1)}, harness.Unsafe, false, "fell silent, and what broke stands without it"},
		{"a control that was not caught", safe, &engine.Control{}, []engine.Judgement{judged(6000, 0, "planted")}, harness.Inconclusive, false, "not caught"},
	} {
		var parts []*engine.Judgement
		for i := range c.parts {
			parts = append(parts, &c.parts[i])
		}
		j := engine.Together(parts, c.promise, c.control, 1000)
		if j.Verdict != c.want || j.AsExpected != c.asExpected || !strings.Contains(j.Reason, c.reason) {
			t.Errorf("%s: %s, as expected %v: %q", c.name, j.Verdict, j.AsExpected, j.Reason)
		}
	}
}

func TestTogetherAddsUp(t *testing.T) {
	a, b := judged(100, 2, ""), judged(50, 7, "planted")
	j := engine.Together([]*engine.Judgement{&a, &b}, nil, nil, 1000)
	first := j.Results[0]
	if j.Trials != 150 || j.UpperBound != engine.UpperBound(150) || first.Violations != 9 || first.Measure != 18 || len(first.Texts) != harness.MaxTexts {
		t.Errorf("%+v", j)
	}
	if a.Results[0].Violations != 2 || len(a.Results[0].Texts) != 2 {
		t.Errorf("a part was changed: %+v", a)
	}
}

func TestMergeAddsRepeatsUp(t *testing.T) {
	repeat := func(ok, trials int64, elapsed time.Duration, lockWait float64, failed string) *engine.Report {
		r := &engine.Report{Judgement: judged(trials, 0, "planted"), Elapsed: elapsed, LockWait: lockWait, Clients: 8, History: &harness.History{}}
		r.Promise = &promise.Promise{Safe: true, Reason: "locks"}
		r.Control = &engine.Control{Failed: map[string]bool{failed: true}}
		r.Generator = engine.Generator{CPU: lockWait / 10, Alone: float64(ok)}
		a := &r.Accounting
		a.Outcomes[harness.OK], a.Attempts = ok, ok
		a.Latency[harness.OK].Record(time.Duration(ok) * time.Microsecond)
		return r
	}
	cut := &engine.Report{Judgement: engine.Judgement{Verdict: harness.Inconclusive}, Elapsed: time.Second, LockWait: 4}
	cut.Accounting.Outcomes[harness.OK], cut.Failure = 100, errors.New("disk full")
	m := engine.Merge([]*engine.Report{repeat(1000, 600, time.Second, 1, "a"), repeat(3000, 500, 2*time.Second, 4, "b"), cut}, 1000)
	if m.Verdict != harness.Safe || m.Trials != 1100 {
		t.Errorf("%s after %d trials: %s", m.Verdict, m.Trials, m.Reason)
	}
	if m.Elapsed != 4*time.Second || m.Clients != 8 || m.Goodput() != 1025 || m.History != nil || m.Failure == nil {
		t.Errorf("%v, %d clients, %v ok/s, history %v, failure %v", m.Elapsed, m.Clients, m.Goodput(), m.History, m.Failure)
	}
	if want := (1.0 + 2*4 + 4) / 4; m.LockWait != want || m.Generator.Alone != 3000 {
		t.Errorf("lock waits %v, want %v; alone %v", m.LockWait, want, m.Generator.Alone)
	}
	if got := slices.Sorted(maps.Keys(m.Control.Failed)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the control was caught by %v, want a and b", got)
	}
	if n := m.Accounting.Latency[harness.OK].Count(); n != 2 {
		t.Errorf("%d latencies, want 2", n)
	}
	if none := engine.Merge([]*engine.Report{cut}, 1000); none.Verdict != harness.Inconclusive || none.Accounting.Outcomes[harness.OK] != 100 {
		t.Errorf("a repeat without evidence: %+v", none.Judgement)
	}
}

func TestControlOr(t *testing.T) {
	a, b := &engine.Control{Failed: map[string]bool{"a": true}}, &engine.Control{Failed: map[string]bool{"b": true}}
	var none *engine.Control
	if none.Or(nil) != nil || none.Or(a) != a || a.Or(nil) != a {
		t.Error("of one control and none, the one is left")
	}
	if both := a.Or(b); !both.Failed["a"] || !both.Failed["b"] || len(a.Failed) != 1 || len(b.Failed) != 1 {
		t.Errorf("%v of %v and %v", both, a, b)
	}
}
