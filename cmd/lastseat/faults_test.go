package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/fault"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/workloads"
)

// TestFaults: on real servers, under every fault of stores and clients, rows that are promised safe are never accused, outcomes
// become unknown where they should, and the end is read after all has been mended.
func TestFaults(t *testing.T) {
	for _, e := range []local.Engine{local.Postgres, local.MariaDB, local.MySQL} {
		t.Run(string(e), func(t *testing.T) {
			engines := targets.Table()
			engine := engines[slices.IndexFunc(engines, func(x harness.Engine) bool { return x.Name == string(e) })]
			server, err := engine.Open(t.Context(), harness.OpenConfig{DSN: program(t, e).Path, Connections: faultClients})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			}()
			for _, d := range fault.Table() {
				t.Run(d.Name, func(t *testing.T) { underFault(t, server, d) })
			}
			plainAfterFaults(t, server)
		})
	}
}

const faultClients = 8

// underFault runs rows under a fault.
func underFault(t *testing.T, server harness.Server, d harness.Decoration) {
	w, err := workloads.New("seats", workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	decorator, err := d.Open(t.Context(), harness.DecorationOptions{Store: server, Servers: 1, Clients: faultClients})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := decorator.Close(); err != nil {
			t.Error(err)
		}
	}()
	var ambiguous int64
	for _, strategy := range []string{"naive-tx", "for-update", "atomic"} {
		rep := runUnder(t, server, w, strategy, d, decorator)
		if rep == nil {
			return
		}
		ambiguous += rep.Accounting.Ambiguous
		if rep.Promise.Safe && rep.Verdict == harness.Unsafe {
			for i := range rep.Results {
				t.Errorf("%s: %s: %s", rep.Label, rep.Results[i].Checker.Name, strings.Join(rep.Results[i].Texts, "\n"))
			}
		}
		if f := rep.Figures[0]; f.Value == 0 && strategy == "for-update" {
			t.Errorf("%s: the fault never struck", rep.Label)
		}
		if _, ok := decorator.(harness.Nemesis); ok && len(rep.History.Faults) == 0 {
			t.Errorf("%s: the history has no fault", rep.Label)
		}
		for _, f := range rep.History.Faults {
			if f.To < f.From || f.From == 0 {
				t.Errorf("%s: %+v was not mended", rep.Label, f)
			}
		}
	}
	if (d.Traits.Severs || d.Traits.Kills) && ambiguous == 0 {
		t.Error("no outcome became unknown")
	}
}

// runUnder runs a row under a fault; nil: there is no such row.
func runUnder(t *testing.T, server harness.Server, w harness.Workload, strategy string, d harness.Decoration, around harness.Decorator) *harness.Report {
	t.Helper()
	spec := harness.RowSpec{Strategy: strategy, Level: server.Info().DefaultLevel, Start: w.Init(), Samples: w.Samples()}
	spec.Around.Traits = d.Traits
	if skip := around.Prepare(&spec); skip != "" {
		t.Log("skipped: " + skip)
		return nil
	}
	offer, err := server.Row(spec)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		t.Fatal(offer.Skip)
	}
	row := harness.Row{
		Label:    harness.Label{Workload: w.Name(), Target: server.Info().Product, Strategy: strategy, Isolation: spec.Level, Fault: d.Name},
		Workload: w, Target: around.Wrap(offer.Target), Promise: &offer.Promise, Traits: d.Traits,
	}
	row.Nemesis, _ = around.(harness.Nemesis)
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.MinTrials, cfg.Seed = faultClients, 2*time.Second, 100, 7
	from := time.Now()
	rep, err := harness.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatalf("%s: %v", row.Label, err)
	}
	rep.Figures = around.(harness.Figured).Figures()
	a := &rep.Accounting
	t.Logf("%s: %s in %v of %v; %d ok, %d failed, %d unknown, %d trials; %v; %d faults; failure: %v", strategy, rep.Verdict,
		rep.Elapsed.Round(time.Millisecond), time.Since(from).Round(time.Millisecond), a.Outcomes[harness.OK], a.Outcomes[harness.Failed],
		a.Outcomes[harness.Unknown], rep.Trials, rep.Figures[0], len(rep.History.Faults), rep.Failure)
	if err := row.Target.Close(); err != nil {
		t.Errorf("%s: %v", row.Label, err)
	}
	return rep
}

// plainAfterFaults: nothing of the faults is left for rows that have none.
func plainAfterFaults(t *testing.T, server harness.Server) {
	w, err := workloads.New("seats", workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := server.Row(harness.RowSpec{Strategy: "for-update", Level: server.Info().DefaultLevel, Start: w.Init(), Samples: w.Samples()})
	if err != nil {
		t.Fatal(err)
	}
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Ops = faultClients, 200
	rep, err := harness.Run(context.Background(), harness.Row{Workload: w, Target: offer.Target}, cfg)
	if err = errors.Join(err, offer.Target.Close()); err != nil {
		t.Fatal(err)
	}
	if rep.Failure != nil || rep.Accounting.Ambiguous > 0 || rep.Verdict == harness.Unsafe {
		t.Errorf("a row without faults: %s, %d unknown, %v", rep.Verdict, rep.Accounting.Ambiguous, rep.Failure)
	}
}
