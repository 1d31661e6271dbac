package suite

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// Row is one line of the table, from its plan to its result: run, skipped, or failed. Reports see its exported fields only.
type Row struct {
	Label       harness.Label
	Server      string            // product and version: "PostgreSQL 15.19"
	Environment Environment       // what surrounds the store
	Expected    *promise.Promise  // nil: nothing was promised
	Clients     int               // how many clients it has
	Cells       int               // how many items or accounts they contend for
	Rate        float64           // operations a second that are due; 0: each as soon as its client is free
	Skew        float64           // the constant of zipfian choices among cells, where it is an axis; else 0
	Budget      time.Duration     // how long a run of it may take
	Skip        string            // why there is no such row
	Foreign     bool              // it is skipped, and nobody asked for its strategy by name
	Control     bool              // run only to vouch for other rows: not the user's choice
	Command     string            // runs this row alone; empty: Result.Command
	Report      *engine.Report    // of all its runs together; nil when skipped, or when it failed before any client ran
	Runs        []*engine.Report  // one a repeat, in the order in which they ran; nil where there was only one
	Swept       *engine.Judgement // what the sweep makes of this step, where that is not its own; set by JudgeSweeps
	Err         error             // what stopped the row: at set-up, or a server that went away
	HistoryFile string            // its history, if it was kept
	Explored    *Explored         // of a surprise that was to be explained: the smallest schedule that shows it

	plan rowPlan
}

// rowPlan is what it takes to run a row.
type rowPlan struct {
	server     *Opened
	workload   harness.Workload
	spec       store.RowSpec
	components Instances // of the environment
	target     harness.Target
	hasControl bool          // the naive strategy is a positive control for it
	last       bool          // of its sweep over clients and rates
	lent       time.Duration // of its share of the table's time, to rows that are undecided
}

// Opened is the server that the row runs on; nil once the row is read from elsewhere.
func (r *Row) Opened() *Opened { return r.plan.server }

// Workload is the row's workload, with the checks of its environment.
func (r *Row) Workload() harness.Workload { return r.plan.workload }

// Verdict is the row's answer; quiet where it is a step of a sweep that decides nothing by itself. A row that failed is
// inconclusive.
func (r *Row) Verdict() harness.Verdict {
	switch {
	case r.Skip != "":
		return harness.Skipped
	case r.Report == nil || r.Report.Verdict == "":
		return harness.Inconclusive
	}
	return r.Judgement().Verdict
}

// Reason says in a sentence why the verdict is what it is.
func (r *Row) Reason() string {
	switch {
	case r.Skip != "":
		return r.Skip
	case r.Failed():
		return "error: " + r.Err.Error()
	case r.Report == nil || r.Judgement().Reason == "":
		return "it did not run to its end"
	}
	return r.Judgement().Reason
}

// ConsistentWith is the strongest isolation models that the row does not rule out, and those that users know by name; nil where it is
// not judged by models.
func (r *Row) ConsistentWith() (all, familiar []string) {
	if r.Report == nil || r.Skip != "" {
		return nil, nil
	}
	return r.Report.ConsistentWith()
}

// Surprise reports whether something broke that was promised to hold. A row without a promise counts as promised.
func (r *Row) Surprise() bool { return r.Verdict() == harness.Unsafe && !r.Report.AsExpected }

// Broke reports whether there was an error other than the user's interrupt.
func (r *Row) Broke() bool {
	return r.Err != nil && r.Skip == "" && !errors.Is(r.Err, context.Canceled)
}

// Failed reports whether an error kept the row from its verdict.
func (r *Row) Failed() bool { return r.Broke() && r.Verdict() == harness.Inconclusive }

// Saturated reports whether a worker was the row's limit, or was lost: then its figures compare with nothing.
func (r *Row) Saturated() bool {
	if r.Report == nil {
		return false
	}
	return slices.ContainsFunc(r.Report.Workers, func(w engine.Worker) bool { return w.Saturated != "" || w.Lost != "" })
}

// Judged reports whether the row is one of those that the run is about.
func (r *Row) Judged() bool { return r.Skip == "" && !r.Control }
