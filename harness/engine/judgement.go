package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Judgement is a verdict with its evidence.
type Judgement struct {
	Verdict    harness.Verdict
	AsExpected bool          // the verdict is the promised one
	Reason     string        // why, in one sentence
	Advice     string        // of an inconclusive verdict: what would decide it; empty if nothing is known to
	Trials     int64         // operations that could have gone wrong
	UpperBound float64       // of the violation rate, 0 to 1, if nothing broke: UpperBound(Trials)
	Results    []CheckResult // one a check, in the order of the checks
	Missing    string        // what a history lacks whose worker was lost (harness.History.Cut): only a violation that stands without it decides
	Clocks     *Clocks       // of several workers: how far the order of what they did is known; nil: one clock timed all
}

// CheckResult is what one check said about the row.
type CheckResult struct {
	Checker harness.Checker
	harness.Finding
	Vouched    string     // what shows that the check could have failed: "control", "planted", or "" (it did fail, or nothing does)
	Skipped    string     // why the check was not made; empty if it was
	Operations []Involved // that the first violation is about
	Waived     bool       // it was skipped because it does not apply to this store: a green does not need it
}

// Violations is how many violations all checks found.
func (j *Judgement) Violations() int64 {
	var n int64
	for i := range j.Results {
		if !j.Results[i].Checker.Figure {
			n += j.Results[i].Violations
		}
	}
	return n
}

// Measure is what the named check measured; 0 if the row has no such check.
func (j *Judgement) Measure(check string) int64 {
	for i := range j.Results {
		if j.Results[i].Checker.Name == check {
			return j.Results[i].Measure
		}
	}
	return 0
}

// ConsistentWith is the strongest isolation models that the row is not known to break, and those that users know by name; nil if no
// check judges isolation.
func (j *Judgement) ConsistentWith() (all, familiar []string) {
	for i := range j.Results {
		if res := &j.Results[i]; res.ConsistentWith != nil && res.Checker.Familiar != nil {
			return res.ConsistentWith, res.Checker.Familiar(res.ConsistentWith)
		}
	}
	return nil, nil
}

// Control is a positive control: a row known to be broken, run under the same load. It vouches for the checks that it made
// fail.
type Control struct {
	Label  harness.Label
	Failed map[string]bool // by check
}

// NewControl is the control that a report makes.
func NewControl(r *Report) *Control {
	c := &Control{Label: r.Label, Failed: map[string]bool{}}
	for i := range r.Results {
		if res := &r.Results[i]; !res.Checker.Figure && res.Violations > 0 {
			c.Failed[res.Checker.Name] = true
		}
	}
	return c
}

// judge runs the checks on the history and weighs what they found.
func (r *run) judge(ctx context.Context) Judgement {
	j := Judge(ctx, r.history, r.row.Workload.Checks(), r.row.Promise, r.row.Control, r.cfg.MinTrials)
	if err := r.history.Spool.Err(); err != nil && j.Verdict != harness.Unsafe {
		j.stopped(err)
	}
	if why := r.untried(); why != "" && j.Verdict == harness.Safe {
		j.Verdict, j.AsExpected, j.Reason, j.Advice = harness.Inconclusive, false, why, "run longer, or with more clients"
	}
	return j
}

// Judge weighs a history: checks say whether something broke, promise what was expected (nil: safe), control which checks
// have just been seen to fail, minTrials how many trials a green needs. Checks are made side by side. Once ctx ends the judgement does, and what was not found
// until then leaves it inconclusive.
func Judge(ctx context.Context, h *harness.History, checks []harness.Checker, promise *promise.Promise, control *Control, minTrials int64) Judgement {
	j := Judgement{Missing: h.Cut(), Results: make([]CheckResult, len(checks))}
	var full error
	sideBySide(1+len(checks), func(i int) {
		if i > 0 { // the last check first: those of limits, which take longest, are best not begun when the others are over
			c := len(checks) - i
			j.Results[c] = made(ctx, h, checks[c])
			return
		}
		full = onScratch(ctx, h, func(h *harness.History) {
			if j.Clocks = ClocksOf(h); j.Missing == "" {
				j.Trials = Trials(h)
			}
		})
	})
	j.UpperBound = UpperBound(j.Trials)
	if j.Violations() == 0 && j.Missing == "" && (promise == nil || promise.Safe) {
		j.vouch(ctx, h, control)
	}
	j.weigh(promise, control, minTrials)
	switch {
	case j.Verdict == harness.Unsafe:
	case ctx.Err() != nil:
		j.Verdict, j.AsExpected, j.Reason, j.Advice = harness.Inconclusive, false, "it was interrupted before all was judged", "let it be judged to the end"
	case full != nil:
		j.stopped(full)
	}
	return j
}

// made is what comes of a check, if it can be made.
func made(ctx context.Context, h *harness.History, c harness.Checker) CheckResult {
	res := CheckResult{Checker: c}
	switch {
	case c.NeedsJournal && h.Start.Journal == "":
		res.Skipped, res.Waived = "the store keeps no journal", true
	case c.NeedsOps && h.Counts:
		res.Skipped = "operations were counted, not recorded"
	default:
		if err := onScratch(ctx, h, func(h *harness.History) { res.Finding = c.Check(ctx, h) }); err != nil {
			res.Finding = harness.Finding{Unable: err.Error()}
		}
		res.Operations = involved(h, res.Involved)
		res.Skipped = res.Unable
	}
	return res
}

// weigh sets the verdict that the results and the trials call for.
func (j *Judgement) weigh(promise *promise.Promise, control *Control, minTrials int64) {
	expectSafe := promise == nil || promise.Safe
	if j.Violations() > 0 {
		j.Verdict, j.AsExpected = harness.Unsafe, !expectSafe && !j.below(promise)
		j.Reason = j.unsafeReason(promise)
		if j.Missing != "" {
			j.Reason += "; " + j.Missing + ", and what broke stands without it"
		}
		return
	}
	j.Verdict = harness.Inconclusive
	if j.Missing != "" {
		j.Reason, j.Advice = j.Missing, "run it again"
		return
	}
	if !expectSafe {
		j.Reason = "expected unsafe (" + promise.Short + "), but this load did not show it"
		j.Advice = "run longer, or with --gap"
		return
	}
	if j.Reason, j.Advice = j.thin(control, minTrials); j.Reason != "" {
		return
	}
	j.Verdict, j.AsExpected = harness.Safe, true
	j.Reason = "nothing broke"
	if promise != nil {
		j.Reason = promise.Reason
	}
	if waived := j.waived(); waived != "" {
		j.Reason += "; the store keeps no journal, so not checked: " + waived
	}
}

// stopped makes a row inconclusive that the disk ended.
func (j *Judgement) stopped(full error) {
	j.Verdict, j.AsExpected, j.Reason = harness.Inconclusive, false, full.Error()
	j.Advice = "give it a disk with more room (TMPDIR), or count operations instead (--record counts)"
}

// waived are the checks that do not apply to the store.
func (j *Judgement) waived() string {
	var names []string
	for i := range j.Results {
		if j.Results[i].Waived {
			names = append(names, j.Results[i].Checker.Name)
		}
	}
	return strings.Join(names, ", ")
}

func (j *Judgement) unsafeReason(promise *promise.Promise) string {
	switch {
	case promise == nil:
		return "an invariant broke"
	case promise.Safe:
		return "SURPRISE: expected safe (" + promise.Reason + "), but an invariant broke"
	case !j.AsExpected:
		return "SURPRISE: expected no more than " + promise.Short + " (" + promise.Reason + "), but " + promise.Floor + " does not hold either"
	}
	return promise.Reason
}

// below reports whether more broke than was expected to: not even the promise's Floor holds.
func (j *Judgement) below(p *promise.Promise) bool {
	for i := range j.Results {
		res := &j.Results[i]
		both := res.Checker.ConsistentInBoth
		if p.Floor != "" && both != nil && res.ConsistentWith != nil && !slices.Contains(both(res.ConsistentWith, []string{p.Floor}), p.Floor) {
			return true
		}
	}
	return false
}

// vouch shows for each check, if it can be shown, that it could have failed.
func (j *Judgement) vouch(ctx context.Context, h *harness.History, control *Control) {
	sideBySide(len(j.Results), func(i int) {
		res := &j.Results[i]
		switch {
		case res.Checker.Figure || res.Skipped != "":
		case control != nil && control.Failed[res.Checker.Name]:
			res.Vouched = "control"
		case plantedIsCaught(ctx, h, res.Checker):
			res.Vouched = "planted"
		}
	})
}

// thin says what the evidence lacks for a green, and how to get it, or nothing.
func (j *Judgement) thin(control *Control, minTrials int64) (why, advice string) {
	overlap := false
	for i := range j.Results {
		res := &j.Results[i]
		if res.Checker.Figure || res.Waived {
			continue
		}
		overlap = overlap || !res.Checker.NoOverlap
		switch {
		case res.Skipped != "":
			if res.Unable == "" {
				advice = "record operations (--record full)"
			}
			return "check " + res.Checker.Name + " was not made: " + res.Skipped, advice
		case res.Vouched == "":
			return "check " + res.Checker.Name + " could not be shown to fail on this history", ""
		}
	}
	switch {
	case overlap && j.Trials < minTrials:
		return fmt.Sprintf("only %d of %d trials", j.Trials, minTrials), "run longer, or with more clients on fewer cells"
	case control != nil && len(control.Failed) == 0:
		return "the positive control " + control.Label.String() + " was not caught either", "run longer, or with a load that provokes the bug"
	}
	return "", ""
}

// plantedIsCaught shows the check a corruption of this very history.
func plantedIsCaught(ctx context.Context, h *harness.History, c harness.Checker) bool {
	if c.Plant == nil {
		return false
	}
	var caught bool
	err := onScratch(ctx, h, func(h *harness.History) {
		h.Terse = true
		bad, ok := c.Plant(h)
		caught = ok && c.Check(ctx, bad).Violations > 0
	})
	return caught && err == nil
}
