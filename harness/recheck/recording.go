package recheck

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
)

// Recording says what a history shows that was read from a file.
func Recording(ctx context.Context, path string, rec *history.Recording, opt *Options) (Result, error) {
	j := Result{File: path, Format: rec.Format, Workload: rec.Workload, Operations: rec.Operations}
	err := opt.fit(rec)
	if err != nil {
		return j, err
	}
	if err := opt.start(rec); err != nil {
		return j, err
	}
	switch {
	case rec.Lastseat != nil:
		err = j.own(ctx, rec.Lastseat, opt)
	case rec.Operations == 0:
		j.Verdict, j.Reason = harness.Inconclusive, "there are no operations of clients in it"
	case rec.Transactions != nil:
		var r *anomaly.Result
		if r, err = anomaly.Judge(ctx, rec.Transactions, opt.Model); err == nil {
			j.transactions(r)
		}
	case rec.Keyed != nil:
		err = j.keyed(ctx, rec.Keyed, opt)
	case rec.Workload == "closed-predicate":
		var r *anomaly.Result
		if r, err = anomaly.JudgeClosed(ctx, rec.Events, opt.Model); err == nil {
			j.transactions(r)
		}
	default:
		err = j.events(ctx, rec, opt)
	}
	return j, err
}

// start takes over what registers hold at first, where there are any.
func (o *Options) start(rec *history.Recording) error {
	switch {
	case o.Initial == "" || rec.Workload == "cas-register" || rec.Workload == "multi-register":
		return nil
	case rec.Lastseat == nil && rec.Transactions != nil && rec.Transactions.Holds(history.Registers):
		if err := rec.Transactions.StartAt(o.Initial); err != nil {
			return fmt.Errorf("--initial %s: %w", o.Initial, err)
		}
		return nil
	case slices.ContainsFunc(rec.Keyed, holdsRegisters):
		return startEach(rec.Keyed, o.Initial)
	}
	return fmt.Errorf("--initial says what registers hold at first, and this is a history of %s: leave it out", rec.Workload)
}

// transactions takes over what was found among transactions.
func (j *Result) transactions(r *anomaly.Result) {
	j.Model, j.Verdict, j.Reason = r.Model, r.Verdict, r.Reason
	j.Anomalies, j.Not, j.AlsoNot, j.ConsistentWith, j.Undecided = r.Anomalies, r.Not, r.AlsoNot, r.ConsistentWith, r.Undecided
	j.show(r)
}

// show takes over the witnesses.
func (j *Result) show(r *anomaly.Result) {
	for _, w := range r.Witnesses {
		j.Witnesses = append(j.Witnesses, Witness{Anomaly: w.Anomaly, Text: w.Text, Meaning: anomaly.Meaning(w.Anomaly), Cycle: w.Cycle})
	}
}

// events judges a history of single operations.
func (j *Result) events(ctx context.Context, rec *history.Recording, opt *Options) error {
	how := opt.Recorded
	if opt.Initial != "" {
		var err error
		if how.Initial, err = history.ParseValue(opt.Initial); err != nil {
			return fmt.Errorf("--initial %s: %w", opt.Initial, err)
		}
	}
	v, err := check.Recorded(ctx, rec.Workload, rec.Events, how)
	if err != nil {
		return err
	}
	j.Verdict, j.Reason, j.Anomalies = v.Verdict, v.Reason, v.Anomalies
	for _, c := range v.Cases {
		j.Witnesses = append(j.Witnesses, Witness{Anomaly: c.Anomaly, Text: c.Text, Meaning: anomaly.Meaning(c.Anomaly), Timeline: c.Timeline})
	}
	// These checks ask about one thing: what they find may rule models out, but what else stands they do not know.
	j.Not, j.AlsoNot, _ = anomaly.Boundary(v.Anomalies)
	return nil
}

// own judges one of lastseat's own histories: its invariants as run did, and what its operations read and wrote.
func (j *Result) own(ctx context.Context, f *history.File, opt *Options) error {
	h := f.History
	j.Workload, j.Row, j.Operations = f.Header.Label.Workload, f.Header.Label.String(), h.Len()
	j.Faults, j.Clocks = h.Faults, engine.ClocksOf(h)
	w, err := opt.Workload(&f.Header)
	if err != nil {
		return err
	}
	if f.Incomplete != "" {
		// The file holds some clients' operations further than others': a cancellation that is missing would make the sale
		// after it look like one too many.
		j.Verdict, j.Reason = harness.Inconclusive, f.Incomplete+", and what is missing could explain what looks wrong"
		return nil
	}
	if content, _ := h.Start.Content(); content != harness.Numbers && !h.Counts {
		return j.ownTransactions(ctx, h, w, opt)
	}
	invariants := engine.Judge(ctx, h, w.Checks(), nil, nil, opt.MinTrials)
	if err := ctx.Err(); err != nil && invariants.Verdict != harness.Unsafe {
		return fmt.Errorf("not judged: %w", err)
	}
	j.Verdict, j.Reason = invariants.Verdict, fmt.Sprintf("%d trials; %s", invariants.Trials, invariants.Reason)
	if invariants.Missing != "" {
		j.Reason = invariants.Reason
	}
	for i := range invariants.Results {
		res := &invariants.Results[i]
		if !res.Checker.Figure && res.Violations > 0 {
			j.Anomalies = append(j.Anomalies, res.Checker.Name)
		}
		for _, text := range res.Texts {
			j.Witnesses = append(j.Witnesses, Witness{Anomaly: res.Checker.Name, Text: text})
		}
	}
	if h.Counts {
		return nil
	}
	if invariants.Missing != "" {
		return nil // what else was read and written may be explained by what is missing
	}
	if opt.Recorded.Linearizable {
		j.stock(ctx, h, opt)
	}
	// Without a model to hold, the invariants decide, and anomalies explain: a check that rests on an old version is none of
	// anybody's business while a constraint catches what it lets slip.
	if opt.Model == "" && j.Verdict != harness.Unsafe {
		return nil
	}
	r, err := anomaly.JudgeCells(h, opt.Model)
	if err != nil {
		return err
	}
	j.Model = opt.Model
	j.also(r)
	return nil
}

// ownTransactions holds a row's transactions to the model that it was promised, unless another is asked for. A green needs the
// evidence that it needs in a run.
func (j *Result) ownTransactions(ctx context.Context, h *harness.History, w harness.Workload, opt *Options) error {
	t, err := history.TransactionsOf(h)
	if err != nil {
		return err
	}
	model := opt.Model
	if model == "" {
		model = h.Model
	}
	r, err := anomaly.JudgeChains(ctx, t, model)
	if err != nil {
		return err
	}
	j.transactions(r)
	if cut := h.Cut(); cut != "" {
		if j.ConsistentWith, j.Undecided = nil, nil; r.Verdict != harness.Unsafe {
			j.Verdict, j.Reason = harness.Inconclusive, cut
		}
		return nil
	}
	trials := engine.Trials(h)
	j.Reason = fmt.Sprintf("%d trials; %s", trials, r.Reason)
	if r.Verdict != harness.Safe {
		return nil
	}
	if trials < opt.MinTrials {
		j.Verdict, j.Reason = harness.Inconclusive, fmt.Sprintf("only %d of %d trials", trials, opt.MinTrials)
	}
	for _, c := range w.Checks() {
		if _, ok := c.Plant(h); !ok {
			j.Verdict, j.Reason = harness.Inconclusive, "check "+c.Name+" could not be shown to fail on this history"
		}
	}
	return nil
}

// also adds what operations read and wrote to what the invariants said.
func (j *Result) also(r *anomaly.Result) {
	if r.Verdict == harness.Unsafe {
		if j.Verdict != harness.Unsafe {
			j.Verdict, j.Reason = harness.Unsafe, r.Reason
		}
		j.Anomalies = append(j.Anomalies, r.Anomalies...)
		slices.Sort(j.Anomalies)
		j.Not, j.AlsoNot = r.Not, r.AlsoNot
	}
	j.ConsistentWith, j.Undecided = r.ConsistentWith, r.Undecided
	j.show(r)
}

// stock looks for an order of each cell's operations that explains their answers.
func (j *Result) stock(ctx context.Context, h *harness.History, opt *Options) {
	var limits []check.Limit
	for c := range harness.Cell(len(h.Start.Values)) {
		limits = append(limits, check.Limit{Cells: []harness.Cell{c}})
	}
	v := check.Stock(ctx, h, limits, opt.Recorded.Limits)
	j.Reason += "; linearizability: " + v.Reason
	if v.Verdict != harness.Unsafe {
		return
	}
	j.Verdict = harness.Unsafe
	j.Anomalies = append(j.Anomalies, v.Anomalies...)
	for _, c := range v.Cases {
		j.Witnesses = append(j.Witnesses, Witness{Anomaly: c.Anomaly, Text: c.Text, Meaning: anomaly.Meaning(c.Anomaly)})
	}
}
