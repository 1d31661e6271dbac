package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/workloads"
)

// judgeFile says what a history shows.
func judgeFile(ctx context.Context, path string, rec *history.Recording, opt *checkOptions) (judged, error) {
	j := judged{Checked: reports.Checked{File: path, Format: rec.Format, Workload: rec.Workload, Operations: rec.Operations}}
	var err error
	switch {
	case rec.Lastseat != nil:
		err = j.own(ctx, rec.Lastseat, opt)
	case rec.Operations == 0:
		j.Verdict, j.Reason = harness.Inconclusive, "there are no operations of clients in it"
	case rec.Transactions != nil:
		var r *anomaly.Result
		if r, err = anomaly.Judge(rec.Transactions, opt.model); err == nil {
			j.transactions(r)
		}
	default:
		err = j.events(ctx, rec, opt)
	}
	return j, err
}

// transactions takes over what was found among transactions.
func (j *judged) transactions(r *anomaly.Result) {
	j.Model, j.Verdict, j.Reason = r.Model, r.Verdict, r.Reason
	j.Anomalies, j.Not, j.AlsoNot, j.ConsistentWith = r.Anomalies, r.Not, r.AlsoNot, r.ConsistentWith
	j.show(r)
}

// show takes over the witnesses.
func (j *judged) show(r *anomaly.Result) {
	j.witnesses = append(j.witnesses, r.Witnesses...)
	for _, w := range r.Witnesses {
		j.Witnesses = append(j.Witnesses, reports.CheckedWitness{Anomaly: w.Anomaly, Text: w.Text, Plain: anomaly.Meaning(w.Anomaly)})
	}
}

// events judges a history of single operations.
func (j *judged) events(ctx context.Context, rec *history.Recording, opt *checkOptions) error {
	v, err := check.Recorded(ctx, rec.Workload, rec.Events, opt.recorded)
	if err != nil {
		return err
	}
	j.Verdict, j.Reason, j.Anomalies = v.Verdict, v.Reason, v.Anomalies
	for _, text := range v.Texts {
		name, said, ok := strings.Cut(text, ": ")
		if !ok || !slices.Contains(v.Anomalies, name) {
			name, said = rec.Workload, text
		}
		j.Witnesses = append(j.Witnesses, reports.CheckedWitness{Anomaly: name, Text: said, Plain: anomaly.Meaning(name)})
	}
	// These checks ask about one thing: what they find may rule models out, but what else stands they do not know.
	j.Not, j.AlsoNot, _ = anomaly.Boundary(v.Anomalies)
	return nil
}

// own judges one of lastseat's own histories: its invariants as run did, and what its operations read and wrote.
func (j *judged) own(ctx context.Context, f *history.File, opt *checkOptions) error {
	h := f.History
	j.Workload, j.Row, j.Operations = f.Header.Label.Workload, f.Header.Label.String(), h.Len()
	j.Faults = h.Faults
	w, err := workloadOf(&f.Header)
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
		return j.ownTransactions(h, w, opt)
	}
	invariants := engine.Judge(ctx, h, w.Checks(), nil, nil, opt.minTrials)
	j.Verdict, j.Reason = invariants.Verdict, fmt.Sprintf("%d trials; %s", invariants.Trials, invariants.Reason)
	for i := range invariants.Results {
		res := &invariants.Results[i]
		if !res.Checker.Figure && res.Violations > 0 {
			j.Anomalies = append(j.Anomalies, res.Checker.Name)
		}
		for _, text := range res.Texts {
			j.Witnesses = append(j.Witnesses, reports.CheckedWitness{Anomaly: res.Checker.Name, Text: text})
		}
	}
	if h.Counts {
		return nil
	}
	if opt.recorded.Linearizable {
		j.stock(ctx, h, opt)
	}
	// Without a model to hold, the invariants decide, and anomalies explain: a check that rests on an old version is none of
	// anybody's business while a constraint catches what it lets slip.
	if opt.model == "" && j.Verdict != harness.Unsafe {
		return nil
	}
	r, err := anomaly.JudgeCells(h, opt.model)
	if err != nil {
		return err
	}
	j.Model = opt.model
	j.also(r)
	return nil
}

// ownTransactions holds a row's transactions to the model that it was promised, unless another is asked for. A green needs the
// evidence that it needs in a run.
func (j *judged) ownTransactions(h *harness.History, w harness.Workload, opt *checkOptions) error {
	t, err := history.TransactionsOf(h)
	if err != nil {
		return err
	}
	model := opt.model
	if model == "" {
		model = h.Model
	}
	r, err := anomaly.JudgeChains(t, model)
	if err != nil {
		return err
	}
	j.transactions(r)
	trials := engine.Trials(h)
	j.Reason = fmt.Sprintf("%d trials; %s", trials, r.Reason)
	if r.Verdict != harness.Safe {
		return nil
	}
	if trials < opt.minTrials {
		j.Verdict, j.Reason = harness.Inconclusive, fmt.Sprintf("only %d of %d trials", trials, opt.minTrials)
	}
	for _, c := range w.Checks() {
		if _, ok := c.Plant(h); !ok {
			j.Verdict, j.Reason = harness.Inconclusive, "check "+c.Name+" could not be shown to fail on this history"
		}
	}
	return nil
}

// also adds what operations read and wrote to what the invariants said.
func (j *judged) also(r *anomaly.Result) {
	if r.Verdict == harness.Unsafe {
		if j.Verdict != harness.Unsafe {
			j.Verdict, j.Reason = harness.Unsafe, r.Reason
		}
		j.Anomalies = append(j.Anomalies, r.Anomalies...)
		slices.Sort(j.Anomalies)
		j.Not, j.AlsoNot = r.Not, r.AlsoNot
	}
	j.ConsistentWith = r.ConsistentWith
	j.show(r)
}

// stock looks for an order of each cell's operations that explains their answers.
func (j *judged) stock(ctx context.Context, h *harness.History, opt *checkOptions) {
	var limits []check.Limit
	for c := range harness.Cell(len(h.Start.Values)) {
		limits = append(limits, check.Limit{Cells: []harness.Cell{c}})
	}
	v := check.Stock(ctx, h, limits, opt.recorded.Limits)
	j.Reason += "; linearizability: " + v.Reason
	if v.Verdict != harness.Unsafe {
		return
	}
	j.Verdict = harness.Unsafe
	j.Anomalies = append(j.Anomalies, v.Anomalies...)
	for _, text := range v.Texts {
		j.Witnesses = append(j.Witnesses, reports.CheckedWitness{Anomaly: anomaly.NonLinearizable, Text: text, Plain: anomaly.Meaning(anomaly.NonLinearizable)})
	}
}

// workloadOf makes the workload that a history was recorded with.
func workloadOf(h *history.Header) (harness.Workload, error) {
	if len(h.Start.Groups) == 0 {
		return nil, errors.New("the history's start state has no tables of cells")
	}
	cfg := workloads.Config{Cells: h.Start.Groups[0].Len, ManyReads: h.Config["reads"] == "many"}
	if cells, err := strconv.Atoi(h.Config["cells"]); err == nil && cells > 0 && cells < cfg.Cells {
		cfg.Cells = cells // there are more than are used at a time
	}
	if stock, err := strconv.ParseInt(h.Config["stock"], 10, 64); err == nil {
		cfg.Stock = stock
	}
	w, err := workloads.New(h.Label.Workload, cfg)
	if err != nil {
		return nil, err
	}
	return suite.WithChecks(w, componentsOf(h.Label)), nil
}
