// Package recheck judges recorded histories without a database: lastseat's own, with the invariants that the run checked, and those of
// Jepsen and Elle. In goes a history.Recording, out comes a Result, which package reports renders. A newcomer starts at Recording.
package recheck

import (
	"context"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/suite"
)

// Options says what a history must hold to.
type Options struct {
	Model     string // that must hold, by any of Elle's names; empty: what the row promised, strict serializability for others' histories
	MinTrials int64  // contended operations that a green of lastseat's own histories needs
	Recorded  check.RecordedOptions
	Initial   string // what registers hold at first, as EDN writes it; empty: nil
	// Given reports whether an option was given, by the name of its flag: one that means nothing to a history is refused there. Nil: none is.
	Given func(option string) bool
	// Workload makes the workload that a history of lastseat's own was recorded with, with the checks of what surrounded its store.
	Workload func(*history.Header) (harness.Workload, error)
}

// Result is what a history shows. docs/json.md explains the keys.
type Result struct {
	File           string          `json:"file"`
	Format         string          `json:"format"`           // lastseat, jepsen-edn, elle-json
	Workload       string          `json:"workload"`         // append, bank, seats, …
	Row            string          `json:"row,omitempty"`    // lastseat's own: the row that was recorded
	Model          string          `json:"model,omitempty"`  // the consistency model asked for, where there is one
	Verdict        harness.Verdict `json:"verdict"`          // safe, unsafe, inconclusive
	Anomalies      []string        `json:"anomalies"`        // by name, sorted
	Not            []string        `json:"not"`              // the weakest models ruled out
	AlsoNot        []string        `json:"also_not"`         // those ruled out with them
	ConsistentWith []string        `json:"consistent_with"`  // the strongest models that were decided to hold
	Undecided      []string        `json:"undecided"`        // models that were neither ruled out nor decided to hold
	Operations     int             `json:"operations"`       // clients' operations, each with its answer
	Keys           *Keys           `json:"keys,omitempty"`   // of transactions under keys, each of which was judged by itself
	Witnesses      []Witness       `json:"witnesses"`        // what shows the anomalies
	Reason         string          `json:"reason"`           // the verdict in a sentence
	Faults         []harness.Fault `json:"faults,omitempty"` // that were made while clients ran
	Clocks         *engine.Clocks  `json:"clocks,omitempty"` // of several workers: how far the order of what they did is known
}

// Drawn are the witnesses that can be drawn: cycles and timelines.
func (r *Result) Drawn() []anomaly.Witness {
	var all []anomaly.Witness
	for i := range r.Witnesses {
		if w := &r.Witnesses[i]; w.Cycle != nil || w.Timeline != nil {
			all = append(all, anomaly.Witness{Anomaly: w.Anomaly, Key: w.Key, Text: w.Text, Cycle: w.Cycle, Timeline: w.Timeline})
		}
	}
	return all
}

// Witness shows one anomaly, or one broken invariant.
type Witness struct {
	Anomaly string         `json:"anomaly"`
	Key     string         `json:"key,omitempty"`     // of many, each judged by itself: the one whose operations show it
	Text    string         `json:"text"`              // in words, of several lines for a cycle
	Meaning string         `json:"meaning,omitempty"` // what such an anomaly is, in a sentence; may be empty
	Cycle   *anomaly.Cycle `json:"cycle,omitempty"`   // where it is one
	// Timeline are the operations that show it, where it is no cycle and they can be drawn.
	Timeline *anomaly.Timeline `json:"timeline,omitempty"`
}

// Title is the anomaly, and the key that shows it.
func (w *Witness) Title() string {
	if w.Key == "" {
		return w.Anomaly
	}
	return w.Anomaly + " under key " + w.Key
}

// ExitCode is the program's exit code for what several histories show, and the error that is left: an interruption is a code.
func ExitCode(files []Result, err error) (int, error) {
	code := 0
	if errors.Is(err, context.Canceled) {
		code, err = suite.ExitInterrupted, nil
	}
	for i := range files {
		switch files[i].Verdict {
		case harness.Unsafe:
			return suite.ExitBroken, err
		case harness.Inconclusive:
			if code == 0 {
				code = suite.ExitInconclusive
			}
		}
	}
	return code, err
}

// Transactions is a recording as transactions; of operations on cells, reads and writes of versions.
func Transactions(rec *history.Recording) (*history.Transactions, error) {
	switch {
	case rec.Lastseat != nil:
		h := rec.Lastseat.History
		if content, _ := h.Start.Content(); content == harness.Numbers {
			return anomaly.RegistersOf(h), nil
		}
		return history.TransactionsOf(h)
	case rec.Keyed != nil:
		return nil, fmt.Errorf("each of %d keys has a history of its own: --export-edn writes one", len(rec.Keyed))
	case rec.Transactions == nil:
		return nil, fmt.Errorf("a history of %s has no transactions: --export-edn cannot write it", rec.Workload)
	}
	return rec.Transactions, nil
}
