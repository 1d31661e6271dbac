package reports

import (
	"context"
	"errors"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Version is the version of Result, and of the JSON made from it. It changes when a key changes its meaning or goes away.
const Version = 1

// Result is everything that a run found.
type Result struct {
	Version     int // of this shape; JSON writes the constant where it is 0
	Seed        uint64
	Command     string // the command line that runs all of this again
	Started     time.Time
	Elapsed     time.Duration // of the whole run, set-up included
	Interrupted bool          // the user ended it early
	Load        string        // how operations were sent, where it was not each as soon as its client was free
	Servers     []Server
	Rows        []Row
	Warnings    []string  // what to know before trusting the table, one sentence each
	Strict      bool      // every violation counts as a failure, expected or not
	Reference   Reference // what rows are compared with
}

// Server is a target's server as it was measured, or why it was not.
type Server struct {
	Target  string // postgres
	Info    harness.ServerInfo
	Missing string // why the whole target was skipped; empty if it was not
}

// Row is one line of the table: run, skipped, or failed.
type Row struct {
	Label       harness.Label
	Server      string             // product and version: "PostgreSQL 15.19"
	Expected    *harness.Promise   // nil: nothing was promised
	Clients     int                // how many clients it had, or was to have
	Cells       int                // how many items or accounts they contended for
	Report      *harness.Report    // of all its runs together; nil when skipped, or when it failed before any client ran
	Runs        []*harness.Report  // one a repeat (--runs), in the order in which they ran; nil where there was only one
	Swept       *harness.Judgement // what the sweep makes of this step, where that is not its own; set by JudgeSweeps
	Skip        string             // why there is no such row
	Err         error              // what stopped the row: at set-up, or a server that went away
	Control     bool               // run only to vouch for other rows: not the user's choice
	Command     string             // runs this row alone; empty: Result.Command
	HistoryFile string             // its history, if it was kept
	Explored    *Explored          // of a surprise that was to be explained: the smallest schedule that shows it
}

// Verdict is the row's answer; quiet where it is a step of a sweep that decides nothing by itself. A row that failed is
// inconclusive.
func (r *Row) Verdict() harness.Verdict {
	switch {
	case r.Skip != "":
		return harness.Skipped
	case r.Report == nil || r.Report.Verdict == "":
		return harness.Inconclusive
	}
	return r.judgement().Verdict
}

// Reason says in a sentence why the verdict is what it is.
func (r *Row) Reason() string {
	switch {
	case r.Skip != "":
		return r.Skip
	case r.failed():
		return "error: " + r.Err.Error()
	case r.Report == nil || r.judgement().Reason == "":
		return "it did not run to its end"
	}
	return r.judgement().Reason
}

// standing is the strongest isolation models that the row does not rule out, and those that users know by name; nil where it is
// not judged by models.
func (r *Row) standing() (all, familiar []string) {
	if r.Report == nil || r.Skip != "" {
		return nil, nil
	}
	return r.Report.Standing()
}

// Surprise reports whether something broke that was promised to hold. A row without a promise counts as promised.
func (r *Row) Surprise() bool { return r.Verdict() == harness.Unsafe && !r.Report.AsExpected }

// broke reports whether there was an error other than the user's interrupt.
func (r *Row) broke() bool {
	return r.Err != nil && r.Skip == "" && !errors.Is(r.Err, context.Canceled)
}

// failed reports whether an error kept the row from its verdict.
func (r *Row) failed() bool { return r.broke() && r.Verdict() == harness.Inconclusive }

// judged reports whether the row is one of those that the run is about.
func (r *Row) judged() bool { return r.Skip == "" && !r.Control }

// ServerOf is the server of that target, or nil.
func (r *Result) ServerOf(target string) *Server {
	for i := range r.Servers {
		if r.Servers[i].Target == target {
			return &r.Servers[i]
		}
	}
	return nil
}

// Exit codes of a run.
const (
	ExitAsExpected   = 0
	ExitBroken       = 1   // an invariant or a promise broke
	ExitSetup        = 2   // a row could not be run
	ExitInconclusive = 3   // some row, or all there was, was not decided
	ExitInterrupted  = 130 // the user ended the run
)

// ExitCode is the process's exit code; where several hold, the order is 2, 1, 130, 3. Strict makes every violation count,
// expected or not. Rows that are there only as positive controls count for nothing but a surprise.
func (r *Result) ExitCode() int {
	var broken, failed, inconclusive bool
	judged := 0
	for i := range r.Rows {
		row := &r.Rows[i]
		failed = failed || row.broke()
		broken = broken || row.Surprise()
		if !row.judged() {
			continue
		}
		judged++
		broken = broken || (r.Strict && row.Verdict() == harness.Unsafe)
		inconclusive = inconclusive || row.Verdict() == harness.Inconclusive
	}
	switch {
	case failed:
		return ExitSetup
	case broken:
		return ExitBroken
	case r.Interrupted:
		return ExitInterrupted
	case inconclusive || judged == 0:
		return ExitInconclusive
	}
	return ExitAsExpected
}
