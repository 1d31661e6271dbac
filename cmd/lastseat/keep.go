package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/reports"
)

// historyDir is the folder of --out that holds the histories.
const historyDir = "histories"

// keeper writes a row's history while it runs; without --out it writes nothing.
type keeper struct {
	w          *history.Writer
	checkpoint func(*harness.History) error
}

// keepHistory begins the row's history file.
func (o *options) keepHistory(p *planned, row *reports.Row) (*keeper, error) {
	if o.outDir == "" {
		return &keeper{}, nil
	}
	name := strings.Join([]string{p.label.Workload, p.label.Target, p.label.Strategy, string(p.label.Isolation)}, "-") + ".jsonl"
	if o.zstd {
		name += ".zst"
	}
	row.HistoryFile = filepath.Join(o.outDir, historyDir, name)
	w, err := history.Create(row.HistoryFile, history.Header{
		Label: p.label, Seed: o.config.Seed, Counts: o.config.Counts, Server: p.server.info, Config: o.settings(),
		Start: p.workload.Init(),
	})
	if err != nil {
		return nil, err
	}
	return &keeper{w: w, checkpoint: w.Append}, nil
}

// settings are the flags that shape a row, by name.
func (o *options) settings() map[string]string {
	m := map[string]string{}
	for _, name := range []string{
		"concurrency", "ops", "duration", "cells", "stock", "reads", "gap", "max-tries", "timeout", "connections", "min-trials",
	} {
		m[name] = o.flags.Lookup(name).Value.String()
	}
	return m
}

// close ends the file: with the final state, if the row got that far.
func (k *keeper) close(r *harness.Report) error {
	if k.w == nil {
		return nil
	}
	var err error
	if r != nil && len(r.Results) > 0 {
		err = k.w.Finish(r.History.Final)
	}
	if err = errors.Join(err, k.w.Close()); err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	return nil
}
