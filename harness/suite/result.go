package suite

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/threshold"
)

// Version is the version of Result, and of the JSON made from it. It changes when a key changes its meaning or goes away.
const Version = 2

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
	Backends    []Backend // of what is around the servers' rows
	Rows        []Row
	Warnings    []string            // what to know before trusting the table, one sentence each
	Strict      bool                // every violation counts as a failure, expected or not
	Reference   Reference           // what rows are compared with
	Thresholds  []threshold.Outcome // what came of --fail-if
	Decide      string              // the command that gives undecided rows more time; empty: there are none, or time does not help
}

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
	ExitThreshold    = 4   // a condition of --fail-if is met
	ExitInterrupted  = 130 // the user ended the run
)

// ExitCode is the process's exit code; where several hold, the order is 2, 1, 130, 4, 3. Strict makes every violation count,
// expected or not. Rows that are there only as positive controls count for nothing but a surprise.
func (r *Result) ExitCode() int {
	var broken, failed, inconclusive bool
	judged := 0
	for i := range r.Rows {
		row := &r.Rows[i]
		failed = failed || row.Broke()
		broken = broken || row.Surprise()
		if !row.Judged() {
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
	case threshold.Failed(r.Thresholds):
		return ExitThreshold
	case inconclusive || judged == 0:
		return ExitInconclusive
	}
	return ExitAsExpected
}
