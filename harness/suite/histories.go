package suite

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
)

// HistoriesIn has each row's history written into a folder while the row runs, compressed or not. The settings of a row are written
// into the history's header.
func (c *Config) HistoriesIn(dir string, compress bool, settings func(*Row) map[string]string) {
	extension := ".jsonl"
	if compress {
		extension += ".zst"
	}
	c.Keep = func(row *Row, start harness.State, seed uint64) (Keeper, error) {
		path := filepath.Join(dir, c.historyName(row)+extension)
		w, err := history.Create(path, history.Header{
			Label: row.Label, Seed: seed, Counts: c.Each.Counts, Model: row.Expected.Model, Server: row.Opened().Info, Config: settings(row), Start: start,
		})
		if err != nil {
			return nil, err
		}
		return &historyFile{w, path}, nil
	}
}

// historyName tells the row's history from those of its other steps and of its other repeats.
func (c *Config) historyName(r *Row) string {
	parts := []string{r.Label.Workload, r.Label.Target, r.Label.Composed(), string(r.Label.Isolation)}
	if r.Label.Fault != "" {
		parts = append(parts, r.Label.Fault)
	}
	if len(c.Clients) > 1 {
		parts = append(parts, "c"+strconv.Itoa(r.Clients))
	}
	if len(c.Cells) > 1 {
		parts = append(parts, "cells"+strconv.Itoa(r.Cells))
	}
	if len(c.Rates) > 1 {
		parts = append(parts, fmt.Sprintf("rate%v", r.Rate))
	}
	if len(c.Skews) > 1 {
		parts = append(parts, fmt.Sprintf("zipfian%v", r.Skew))
	}
	if c.runs() > 1 {
		parts = append(parts, "run"+strconv.Itoa(len(r.Runs)+1))
	}
	return strings.Join(parts, "-")
}

// historyFile is a row's history while it is written.
type historyFile struct {
	w    *history.Writer
	path string
}

// Checkpoint writes what has come since the last call.
func (f *historyFile) Checkpoint(h *harness.History) error { return f.w.Append(h) }

// Path is the file.
func (f *historyFile) Path() string { return f.path }

// Close ends the file: with the final state, if the row got that far.
func (f *historyFile) Close(r *engine.Report) error {
	var err error
	if r != nil && len(r.Results) > 0 {
		err = f.w.Finish(r.History.Final)
	}
	if err = errors.Join(err, f.w.Close()); err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	return nil
}
