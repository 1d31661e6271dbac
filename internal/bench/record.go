package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
)

// record is lastseat's side of the contests as the result of a run, each turn a repeat, so that `lastseat compare` can set two against
// each other.
type record struct {
	started time.Time
	rows    []suite.Row
}

// add takes in the turns of one row on a target.
func (r *record) add(target, server string, runs []*engine.Report) {
	if len(runs) == 0 {
		return
	}
	merged := engine.Merge(runs, engine.DefaultConfig().MinTrials)
	merged.Label.Target = target
	r.rows = append(r.rows, suite.Row{
		Label: merged.Label, Server: server, Expected: merged.Promise, Clients: merged.Clients, Cells: cells, Report: merged, Runs: runs,
	})
}

// addHTTP takes in lastseat's turns of HTTP at one number of connections. Nothing of them was judged.
func (r *record) addHTTP(connections int, turns []httpTurn) {
	var runs []*engine.Report
	for _, t := range turns {
		run := &engine.Report{Clients: connections, Elapsed: t.Elapsed}
		run.Label = harness.Label{Workload: "http", Strategy: "post"}
		run.Accounting.Outcomes[harness.OK] = t.Answers
		runs = append(runs, run)
	}
	r.add("http", "a server of HTTP", runs)
}

// write writes it as the JSON of a run.
func (r *record) write(w io.Writer) error {
	return reports.JSON(w, &suite.Result{Version: suite.Version, Command: "./scripts/bench", Started: r.started, Elapsed: time.Since(r.started), Rows: r.rows})
}

// save writes it into a file.
func (r *record) save(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return r.write(f)
}
