package engine

import (
	"cmp"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Merge makes one report of a row's repeats: what they counted is added up, and the verdict is that of all their evidence
// together. A repeat that was cut short adds its counts, and no evidence. History is dropped. minTrials is how many trials a
// green needs. There must be at least one repeat.
func Merge(runs []*Report, minTrials int64) *Report {
	m := &Report{Row: runs[0].Row, Clients: runs[0].Clients}
	var judged []*Judgement
	var lockWait, cpu float64 // times the time they lasted
	for _, r := range runs {
		m.Accounting.merge(&r.Accounting)
		m.Elapsed += r.Elapsed
		lockWait += r.LockWait * float64(r.Elapsed)
		cpu += r.Generator.CPU * float64(r.Elapsed)
		m.Generator.Alone = max(m.Generator.Alone, r.Generator.Alone)
		m.Control = m.Control.Or(r.Control)
		if m.Failure == nil {
			m.Failure = r.Failure
		}
		if len(r.Results) > 0 {
			judged = append(judged, &r.Judgement)
		}
	}
	if m.Elapsed > 0 {
		m.LockWait, m.Generator.CPU = lockWait/float64(m.Elapsed), cpu/float64(m.Elapsed)
	}
	m.Verdict = harness.Inconclusive
	if len(judged) > 0 {
		m.Judgement = Together(judged, m.Promise, m.Control, minTrials)
	}
	return m
}

// Together weighs several judgements of the same checks as one: a violation in any convicts, trials add up, and a check that
// could be shown to fail once could fail. promise, control and minTrials are as for Judge.
func Together(parts []*Judgement, promise *promise.Promise, control *Control, minTrials int64) Judgement {
	var j Judgement
	whole := func(p *Judgement) bool { return p.Missing == "" || p.Violations() > 0 }
	for _, p := range parts {
		if !whole(p) && slices.ContainsFunc(parts, whole) {
			continue // it adds no evidence
		}
		j.Missing = cmp.Or(j.Missing, p.Missing)
		j.Trials += p.Trials
		j.Clocks = j.Clocks.and(p.Clocks)
		for i := range p.Results {
			if i == len(j.Results) {
				j.Results = append(j.Results, CheckResult{Checker: p.Results[i].Checker})
			}
			j.Results[i].add(&p.Results[i])
		}
	}
	j.UpperBound = UpperBound(j.Trials)
	j.weigh(promise, control, minTrials)
	return j
}

func (r *CheckResult) add(o *CheckResult) {
	r.Violations += o.Violations
	r.Measure += o.Measure
	r.Texts = append(r.Texts, o.Texts[:min(len(o.Texts), harness.MaxTexts-len(r.Texts))]...)
	if len(r.Operations) == 0 {
		r.Operations = o.Operations
	}
	switch {
	case r.ConsistentWith == nil:
		r.ConsistentWith = o.ConsistentWith
	case o.ConsistentWith != nil && r.Checker.ConsistentInBoth != nil:
		r.ConsistentWith = r.Checker.ConsistentInBoth(r.ConsistentWith, o.ConsistentWith)
	}
	if r.Vouched == "" {
		r.Vouched = o.Vouched
	}
	if r.Skipped == "" {
		r.Skipped, r.Unable = o.Skipped, o.Unable
	}
}

// Or is a control that was caught wherever one of the two was. Either may be nil.
func (c *Control) Or(o *Control) *Control {
	if c == nil {
		return o
	}
	if o == nil {
		return c
	}
	both := &Control{Label: c.Label, Failed: map[string]bool{}}
	for _, failed := range []map[string]bool{c.Failed, o.Failed} {
		for check := range failed {
			both.Failed[check] = true
		}
	}
	return both
}
