package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/suite"
)

// historyDir is the folder of --out that holds the histories.
const historyDir = "histories"

// keeper writes a row's history while it runs.
type keeper struct {
	w    *history.Writer
	path string
}

// Checkpoint writes what has come since the last call.
func (k *keeper) Checkpoint(h *harness.History) error { return k.w.Append(h) }

// Path is the file.
func (k *keeper) Path() string { return k.path }

// keep begins the row's history file.
func (o *options) keep(row *suite.Row, start harness.State, seed uint64) (suite.Keeper, error) {
	name := o.historyName(row) + ".jsonl"
	if o.zstd {
		name += ".zst"
	}
	path := filepath.Join(o.outDir, historyDir, name)
	w, err := history.Create(path, history.Header{
		Label: row.Label, Seed: seed, Counts: o.config.Counts, Model: row.Expected.Model, Server: row.Opened().Info, Config: o.settings(row),
		Start: start,
	})
	if err != nil {
		return nil, err
	}
	return &keeper{w: w, path: path}, nil
}

// historyName tells the row's history from those of its other steps and of its other repeats.
func (o *options) historyName(p *suite.Row) string {
	parts := []string{p.Label.Workload, p.Label.Target, p.Label.Composed(), string(p.Label.Isolation)}
	if p.Label.Fault != "" {
		parts = append(parts, p.Label.Fault)
	}
	if len(o.axes.clients) > 1 {
		parts = append(parts, "c"+strconv.Itoa(p.Clients))
	}
	if len(o.axes.cells) > 1 {
		parts = append(parts, "cells"+strconv.Itoa(p.Cells))
	}
	if o.runs > 1 {
		parts = append(parts, "run"+strconv.Itoa(len(p.Runs)+1))
	}
	return strings.Join(parts, "-")
}

// settings are the flags that shape a row, by name.
func (o *options) settings(p *suite.Row) map[string]string {
	m := map[string]string{"concurrency": strconv.Itoa(p.Clients), "cells": strconv.Itoa(p.Cells)}
	if p.Environment.Spreads() {
		m["servers"] = strconv.Itoa(p.Environment.Servers)
	}
	shape := []string{"ops", "duration", "stock", "reads", "gap", "max-tries", "timeout", "connections", "min-trials"}
	for _, name := range append(shape, loadNames...) {
		m[name] = o.flags.Lookup(name).Value.String()
	}
	return m
}

// Close ends the file: with the final state, if the row got that far.
func (k *keeper) Close(r *engine.Report) error {
	var err error
	if r != nil && len(r.Results) > 0 {
		err = k.w.Finish(r.History.Final)
	}
	if err = errors.Join(err, k.w.Close()); err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	return nil
}
