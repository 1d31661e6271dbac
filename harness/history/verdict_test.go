package history_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/workloads"
)

// TestSameVerdict: rows that really ran get from their files the judgement that they got at once, word for word.
func TestSameVerdict(t *testing.T) {
	engine := memory.Engine()
	server, err := engine.Open(t.Context(), harness.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range workloads.Table() {
		for _, strategy := range engine.Strategies {
			t.Run(kind.Name+"/"+strategy.Name, func(t *testing.T) {
				work, err := workloads.New(kind.Name, workloads.Config{})
				if err != nil {
					t.Fatal(err)
				}
				spec := harness.RowSpec{Strategy: strategy.Name, Level: harness.NoLevel, Start: work.Init(), Samples: work.Samples()}
				offer, err := server.Row(spec)
				if err != nil || offer.Skip != "" {
					t.Fatal(offer.Skip, err)
				}
				row := harness.Row{
					Label:    harness.Label{Workload: kind.Name, Target: engine.Name, Strategy: strategy.Name, Isolation: spec.Level},
					Workload: work, Target: offer.Target, Promise: &offer.Promise,
				}
				cfg := harness.DefaultConfig()
				cfg.Concurrency, cfg.Ops, cfg.CheckpointEvery = 8, 5000, time.Millisecond
				rep, file := recorded(t, row, cfg, server.Info())
				again := harness.Judge(t.Context(), file.History, work.Checks(), row.Promise, nil, cfg.MinTrials)
				if d := cmp.Diff(rep.Judgement, again, cmpopts.IgnoreFields(harness.Checker{}, "Check", "Plant")); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// recorded runs a row and reads its file.
func recorded(t *testing.T, row harness.Row, cfg harness.Config, info harness.ServerInfo) (*harness.Report, *history.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "row.jsonl.zst")
	w, err := history.Create(path, history.Header{Label: row.Label, Seed: cfg.Seed, Server: info, Start: row.Workload.Init()})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Checkpoint = w.Append
	rep, err := harness.Run(t.Context(), row, cfg)
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
