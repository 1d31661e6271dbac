package reports

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/suite"
)

// KindOf is which command wrote a document of JSON. Those of before documents said so are told apart by their keys.
func KindOf(doc []byte) (Kind, error) {
	var keys struct {
		Kind     Kind              `json:"kind"`
		Version  int               `json:"version"`
		Seed     *uint64           `json:"seed"`
		Files    []json.RawMessage `json:"files"`
		Programs []json.RawMessage `json:"programs"`
		Rows     []struct {
			Anomaly   *string         `json:"anomaly"`
			Outcome   *string         `json:"outcome"`
			Scenarios json.RawMessage `json:"scenarios"`
		} `json:"rows"`
	}
	if err := json.Unmarshal(doc, &keys); err != nil {
		return "", fmt.Errorf("it is no result of lastseat: %w", err)
	}
	known := []Kind{RunKind, ExploreKind, IsolationKind, CheckKind, ReplayKind, ProgramKind, RoundsKind, OrdersKind, TraceKind, CompareKind}
	switch {
	case keys.Version == 0:
		return "", errors.New("it is no result of lastseat: it has no version")
	case slices.Contains(known, keys.Kind):
		return keys.Kind, nil
	case keys.Kind != "":
		return "", fmt.Errorf("its kind is %q, which this lastseat does not know", keys.Kind)
	case keys.Files != nil:
		return CheckKind, nil
	case keys.Programs != nil:
		return ProgramKind, nil
	case keys.Seed != nil:
		return RunKind, nil
	case len(keys.Rows) > 0 && keys.Rows[0].Outcome != nil:
		return IsolationKind, nil
	case len(keys.Rows) > 0 && keys.Rows[0].Scenarios != nil:
		return ExploreKind, nil
	}
	return "", errors.New("it is no result of lastseat: nothing says which command wrote it")
}

// readJSON reads a document whose shape has a version. Keys that are not known are passed over: a newer lastseat may have added some.
func readJSON(text []byte, version int, doc any) error {
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	if v.Version != version {
		return fmt.Errorf("its version is %d, and this lastseat reads version %d", v.Version, version)
	}
	return json.Unmarshal(text, doc)
}

// ReadJSON reads what JSON wrote. What reports say of the result is what they said of the run's.
func ReadJSON(text []byte) (*Result, error) {
	var doc jsonResult
	if err := readJSON(text, suite.Version, &doc); err != nil {
		return nil, err
	}
	r := &Result{
		Version: doc.Version, Seed: doc.Seed, Command: doc.Command, Started: doc.Started, Elapsed: durationOf(doc.Elapsed), Interrupted: doc.Interrupted,
		Load: doc.Load, Strict: doc.Strict, Decide: doc.Decide, Thresholds: orNil(doc.Thresholds),
	}
	var err error
	if doc.Reference != "" {
		if r.Reference, err = suite.ParseReference(doc.Reference); err != nil {
			return nil, fmt.Errorf("reference: %w", err)
		}
	}
	for _, s := range doc.Servers {
		if len(s.Settings) == 0 {
			s.Settings = nil
		}
		r.Servers = append(r.Servers, Server{Target: s.Target, Info: s.ServerInfo, Missing: s.Missing})
	}
	for _, b := range doc.Backends {
		b.Settings = orNil(b.Settings)
		r.Backends = append(r.Backends, b)
	}
	mixed := mixedDurability(r.Servers) // which reports add by themselves
	r.Warnings = slices.DeleteFunc(doc.Warnings, func(w string) bool { return w == mixed })
	for i := range doc.Rows {
		r.Rows = append(r.Rows, doc.Rows[i].row(r))
	}
	return r, nil
}

// row is the row that was written.
func (j *jsonRow) row(r *Result) Row {
	row := Row{
		Label: j.Label, Server: j.Server, Clients: j.Clients, Cells: j.Cells, Rate: j.Rate, Skew: j.Skew, Foreign: j.Foreign, Control: j.IsControl, HistoryFile: j.HistoryFile,
		Explored: j.Explored, Expected: j.promise(),
	}
	if j.Command != r.Command {
		row.Command = j.Command
	}
	if j.Error != "" {
		row.Err = savedError(j.Error)
	}
	if j.Verdict == harness.Skipped {
		row.Skip = j.Reason
		return row
	}
	if j.Elapsed == 0 && len(j.Checks) == 0 && j.Failure == "" {
		return row // it failed before any client ran
	}
	row.Report = j.report(&row)
	whole := engine.Judgement{
		Verdict: j.Verdict, AsExpected: j.AsExpected, Reason: j.Reason, Advice: j.Advice, Trials: j.Trials, UpperBound: engine.UpperBound(j.Trials),
		Results: j.results(), Clocks: j.Clocks,
	}
	if j.Error != "" && j.Reason == "error: "+j.Error {
		whole.Reason = "" // the row says it of its error
	}
	row.Report.Judgement = whole
	if one := j.Alone; one != nil {
		row.Swept = &whole
		row.Report.Judgement = engine.Judgement{
			Verdict: one.Verdict, AsExpected: one.AsExpected, Reason: one.Reason, Advice: one.Advice, Trials: one.Trials,
			UpperBound: engine.UpperBound(one.Trials), Results: whole.Results, Clocks: whole.Clocks,
		}
	}
	for i := range j.Runs {
		row.Runs = append(row.Runs, j.Runs[i].report(row.Report))
	}
	return row
}

// promise is what the row was promised, or nil.
func (j *jsonRow) promise() *promise.Promise {
	if j.Expected == "" {
		return nil
	}
	p := &promise.Promise{Safe: j.Expected == harness.Safe, Model: j.Model}
	for _, name := range j.Needs {
		if h, ok := promise.ParseHazard(name); ok {
			p.Missing |= promise.HazardSet(h)
		}
	}
	if j.Promise != nil {
		p.Short, p.Reason, p.By, p.Floor = j.Promise.Short, j.Promise.Reason, j.Promise.By, j.Promise.Floor
	}
	return p
}

// report is what the row did, without its judgement.
func (j *jsonRow) report(row *Row) *engine.Report {
	f := &j.jsonFigures
	rep := &engine.Report{
		Row: engine.Row{Label: j.Label, Promise: row.Expected}, Elapsed: durationOf(f.Elapsed), Clients: j.Clients, LockWait: f.Waiters, Full: f.Full,
		Generator: engine.Generator{CPU: f.CPU, Alone: f.Alone},
	}
	if len(j.Figures) > 0 {
		rep.Figures = j.Figures
	}
	if j.Failure != "" {
		rep.Failure = errors.New(j.Failure)
	}
	if j.Control != "" {
		rep.Control = &engine.Control{Label: j.controlLabel()}
	}
	for _, fault := range j.Faults {
		rep.Faults = append(rep.Faults, harness.Fault{What: fault.What, From: int64(durationOf(fault.From)), To: int64(durationOf(fault.To))})
	}
	a := &rep.Accounting
	*a = engine.Accounting{
		Outcomes: [harness.Outcomes]int64{harness.OK: f.OK, harness.Rejected: f.Rejected, harness.Failed: f.Failed, harness.Unknown: f.Unknown},
		Attempts: f.Attempts, Retried: f.Retried, Exhausted: f.Exhausted, Down: f.Down, Ambiguous: f.Ambiguous,
		Conflicts: [harness.Conflicts]int64{
			harness.Serialization: f.SerializationFailures, harness.Deadlock: f.Deadlocks, harness.LockTimeout: f.LockTimeouts, harness.VersionMiss: f.VersionMisses,
		},
		Queued: durationOf(f.Queued / 1e3), Waited: durationOf(f.Waited / 1e3), Backoff: durationOf(f.Backoff / 1e3), Skipped: f.Skipped, Dropped: f.Dropped,
	}
	j.Latency.to(a)
	j.Timeline.to(rep)
	rep.Workers = workersOf(j.Workers)
	return rep
}

// controlLabel is the control's name as a label.
func (j *jsonRow) controlLabel() harness.Label {
	l := harness.Label{Workload: j.Workload, Target: j.Target, Strategy: j.Control}
	if ref, err := suite.ParseReference(j.Control); err == nil {
		l.Target, l.Strategy, l.Env, l.Isolation, l.Fault = ref.Target, ref.Strategy, ref.Env, cmp.Or(ref.Isolation, harness.NoLevel), ref.Fault
	}
	return l
}

// results are what the checks found.
func (j *jsonRow) results() []engine.CheckResult {
	var all []engine.CheckResult
	for i := range j.Checks {
		c := &j.Checks[i]
		res := engine.CheckResult{
			Checker: harness.Checker{Name: c.Name, Rule: c.Rule, Unit: c.Unit, Figure: c.Figure}, Vouched: c.Vouched, Skipped: c.Skipped, Waived: c.Waived, Operations: c.Involved,
			Finding: harness.Finding{Violations: c.Violations, Measure: c.Measure},
		}
		for _, v := range j.Violations {
			if v.Check == c.Name {
				res.Texts = append(res.Texts, v.Text)
			}
		}
		if c.Models {
			res.ConsistentWith, res.Checker.Familiar = j.Standing, func([]string) []string { return j.Familiar }
		}
		all = append(all, res)
	}
	return all
}

// report is a repeat as far as reports tell of it; whole is that of all repeats.
func (j *jsonRun) report(whole *engine.Report) *engine.Report {
	rep := &engine.Report{Row: whole.Row, Clients: whole.Clients, Elapsed: durationOf(j.Elapsed)}
	rep.Verdict, rep.Trials, rep.UpperBound = j.Verdict, j.Trials, engine.UpperBound(j.Trials)
	if j.Violations > 0 {
		rep.Results = []engine.CheckResult{{Finding: harness.Finding{Violations: j.Violations}}}
	}
	a := &rep.Accounting
	a.Outcomes[harness.OK], a.Outcomes[harness.Rejected] = j.OK, max(j.Processed-j.OK, 0) // which of the others they were is not told
	a.Attempts, a.Conflicts[harness.Serialization] = j.Attempts, j.Conflicts
	j.Latency.to(a)
	j.Timeline.to(rep)
	return rep
}

// savedError is an error that was read from a file.
type savedError string

func (e savedError) Error() string { return string(e) }

// Is tells the user's interrupt from other errors.
func (e savedError) Is(target error) bool {
	return target == context.Canceled && strings.Contains(string(e), context.Canceled.Error())
}

// durationOf is so many seconds, to the nanosecond.
func durationOf(seconds float64) time.Duration { return time.Duration(math.Round(seconds * 1e9)) }

// orNil is nil where a list is empty, as results have it.
func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
