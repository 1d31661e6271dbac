package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
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
	path       string
	checkpoint func(*harness.History) error
}

// keepHistory begins the row's history file.
func (o *options) keepHistory(p *planned, row *reports.Row, seed uint64) (*keeper, error) {
	if o.outDir == "" {
		return &keeper{}, nil
	}
	name := o.historyName(p, row) + ".jsonl"
	if o.zstd {
		name += ".zst"
	}
	path := filepath.Join(o.outDir, historyDir, name)
	w, err := history.Create(path, history.Header{
		Label: p.label, Seed: seed, Counts: o.config.Counts, Model: p.offer.Promise.Model, Server: p.server.info, Config: o.settings(p),
		Start: p.workload.Init(),
	})
	if err != nil {
		return nil, err
	}
	return &keeper{w: w, path: path, checkpoint: w.Append}, nil
}

// historyName tells the row's history from those of its other steps and of its other repeats.
func (o *options) historyName(p *planned, row *reports.Row) string {
	parts := []string{p.label.Workload, p.label.Target, p.label.Way(), string(p.label.Isolation)}
	if p.label.Fault != "" {
		parts = append(parts, p.label.Fault)
	}
	if len(o.axes.clients) > 1 {
		parts = append(parts, "c"+strconv.Itoa(p.clients))
	}
	if len(o.axes.cells) > 1 {
		parts = append(parts, "cells"+strconv.Itoa(p.cells))
	}
	if o.runs > 1 {
		parts = append(parts, "run"+strconv.Itoa(len(row.Runs)+1))
	}
	return strings.Join(parts, "-")
}

// settings are the flags that shape a row, by name.
func (o *options) settings(p *planned) map[string]string {
	m := map[string]string{"concurrency": strconv.Itoa(p.clients), "cells": strconv.Itoa(p.cells)}
	if p.around.spreads() {
		m["servers"] = strconv.Itoa(p.around.servers)
	}
	shape := []string{"ops", "duration", "stock", "reads", "gap", "max-tries", "timeout", "connections", "min-trials"}
	for _, name := range append(shape, loadNames...) {
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
