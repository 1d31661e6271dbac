package history_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/targets/sqlite"
	"github.com/lastseat/lastseat/workloads"
)

// TestSameVerdict: rows that really ran get from their files the judgement that they got at once, word for word: every row in
// memory, and those without a strategy in SQLite.
func TestSameVerdict(t *testing.T) {
	for _, engine := range []store.Engine{memory.Engine(), sqlite.Engine()} {
		server, err := engine.Open(t.Context(), store.OpenConfig{})
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range workloads.Table() {
			for _, strategy := range engine.Strategies {
				if engine.Name != "memory" && strategy.Name != "plain" {
					continue
				}
				t.Run(kind.Name+"/"+strategy.Name, func(t *testing.T) { sameVerdict(t, engine.Name, server, kind.Name, strategy.Name) })
			}
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
}

func sameVerdict(t *testing.T, target string, server store.Server, workload, strategy string) {
	work, err := workloads.New(workload, workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	spec := store.RowSpec{Strategy: strategy, Level: server.Levels()[0], Start: work.Init(), Samples: work.Samples()}
	offer, err := server.Row(spec)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		t.Skip(offer.Skip)
	}
	row := engine.Row{
		Label:    harness.Label{Workload: workload, Target: target, Strategy: strategy, Isolation: spec.Level},
		Workload: work, Target: offer.Target, Promise: &offer.Promise,
	}
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Ops, cfg.CheckpointEvery = 8, 5000, time.Millisecond
	if testing.Short() { // as under the race detector
		cfg.Ops, cfg.MinTrials = 1000, 50
	}
	rep, file := recorded(t, row, cfg, server.Info())
	again := engine.Judge(t.Context(), file.History, work.Checks(), row.Promise, nil, cfg.MinTrials)
	if d := cmp.Diff(rep.Judgement, again, cmpopts.IgnoreFields(harness.Checker{}, "Check", "Plant", "ConsistentInBoth", "Familiar")); d != "" {
		t.Error(d)
	}
}

// recorded runs a row and reads its file.
func recorded(t *testing.T, row engine.Row, cfg engine.Config, info store.ServerInfo) (*engine.Report, *history.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "row.jsonl.zst")
	w, err := history.Create(path, history.Header{
		Label: row.Label, Seed: cfg.Seed, Model: row.Promise.Model, Server: info, Start: row.Workload.Init(),
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Checkpoint = w.Append
	rep, err := engine.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(rep.History.Final); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if file.Incomplete != "" || file.History.Len() != rep.History.Len() {
		t.Errorf("%d operations of %d, incomplete %q", file.History.Len(), rep.History.Len(), file.Incomplete)
	}
	return rep, file
}
