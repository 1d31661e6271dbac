package main

// Locks around a naive store on a real server, with stand-ins for the faults that break them.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/targets/lock"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/workloads"
)

// breakage stands for a fault.
type breakage struct {
	name   string
	traits harness.Traits
	strike func(ctx context.Context) error // one in 50 who come between read and write
}

func breakages() map[string]breakage {
	return map[string]breakage{
		"": {},
		"pause-holder": {traits: harness.Traits{Pause: 80 * time.Millisecond}, strike: func(ctx context.Context) error {
			select {
			case <-time.After(80 * time.Millisecond):
			case <-ctx.Done():
			}
			return ctx.Err()
		}},
		"crash-holder":     {traits: harness.Traits{Crashes: true}, strike: func(context.Context) error { return fmt.Errorf("here: %w", harness.ErrCrashed) }},
		"kill-lock-server": {traits: harness.Traits{Unlocks: true}},
	}
}

// struck is a target whose clients are struck.
type struck struct {
	harness.Target
	by func(ctx context.Context) error
}

func (s struck) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	r := rand.New(rand.NewPCG(1, uint64(opt.Client)))
	opt.Hook = opt.Hook.Then(func(ctx context.Context, a harness.Action) error {
		if a.Point != harness.AtGap || r.IntN(50) > 0 {
			return nil
		}
		return s.by(ctx)
	})
	return s.Target.Session(ctx, opt)
}

// killer kills a lock's servers, one after the other.
type killer []harness.Mortal

func (k killer) Torment(ctx context.Context, r *rand.Rand, note func(string) func()) error {
	for {
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return nil
		}
		m := k[r.IntN(len(k))]
		mended := note("lock server killed")
		if err := errors.Join(m.Kill(), m.Restart(context.WithoutCancel(ctx))); err != nil {
			return err
		}
		mended()
	}
}

func TestLocks(t *testing.T) {
	program(t, "postgres")
	e := postgres.Engine()
	server, err := e.Open(t.Context(), harness.OpenConfig{Connections: 24})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	const safe, unsafe = harness.Safe, harness.Unsafe
	for _, c := range []struct {
		lock    string
		servers int
		fault   string
		want    harness.Verdict
	}{
		{"process-mutex", 1, "", safe},
		{"process-mutex", 2, "", unsafe},
		{"process-mutex", 1, "crash-holder", safe},
		{"redis", 3, "", safe},
		{"redis", 3, "pause-holder", unsafe},
		{"redis", 3, "crash-holder", safe},
		{"redis", 3, "kill-lock-server", unsafe},
		{"redis-aof", 3, "", safe},
		{"redis-aof", 3, "kill-lock-server", safe},
		{"redlock", 3, "", safe},
		{"redlock", 3, "pause-holder", unsafe},
		{"redlock", 3, "kill-lock-server", safe},
		{"redis-fenced", 3, "", safe},
		{"redis-fenced", 3, "pause-holder", safe},
		{"redis-fenced", 3, "kill-lock-server", safe},
		{"zookeeper", 3, "", safe},
		{"zookeeper", 3, "pause-holder", safe},
		{"zookeeper", 3, "crash-holder", safe},
		{"zookeeper", 3, "kill-lock-server", safe},
		{"zookeeper-fenced", 3, "", safe},
		{"db-lock", 3, "", safe},
		{"db-lock", 3, "pause-holder", safe},
		{"db-lock", 3, "crash-holder", safe},
		{"redis-no-expiry", 3, "", safe},
		{"redis-no-expiry", 3, "crash-holder", unsafe},
		{"redis-no-owner", 3, "", unsafe},
		{"redis-short-expiry", 3, "", unsafe},
		{"redis-early-release", 3, "", unsafe},
		{"redis-late-lock", 3, "", unsafe},
	} {
		t.Run(fmt.Sprintf("%s-%d!%s", c.lock, c.servers, c.fault), func(t *testing.T) {
			b := breakages()[c.fault]
			rep := runLocked(t, server, c.lock, c.servers, b)
			t.Logf("%s: %d trials, %d violations, %v; %.0f ok/s; %v", rep.Verdict, rep.Trials, rep.Violations(), rep.Elapsed.Round(time.Millisecond),
				rep.Goodput(), rep.Figures)
			if rep.Promise.Safe != (c.want == safe) {
				t.Errorf("promised: %+v, want %s", rep.Promise, c.want)
			}
			if rep.Verdict != c.want {
				t.Errorf("%s (%s), want %s", rep.Verdict, rep.Reason, c.want)
			}
			if overlaps := rep.Figures[0].Value; c.want == safe && c.fault == "" && overlaps > 0 {
				t.Errorf("%v overlaps", overlaps)
			}
		})
	}
}

func runLocked(t *testing.T, server harness.Server, name string, servers int, b breakage) *harness.Report {
	t.Helper()
	const clients = 16
	var decorator harness.Decorator
	for _, d := range lock.Table() {
		if d.Name != name {
			continue
		}
		var err error
		decorator, err = d.Open(t.Context(), harness.DecorationOptions{Store: server, Servers: servers, Clients: clients})
		var missing *harness.MissingError
		if errors.As(err, &missing) && !required("redis") && !required("zookeeper") {
			t.Skip(missing)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if err := decorator.Close(); err != nil {
			t.Error(err)
		}
	}()
	w, err := workloads.New("seats", workloads.Config{Cells: 4})
	if err != nil {
		t.Fatal(err)
	}
	spec := harness.RowSpec{Strategy: "naive-tx", Level: harness.ReadCommitted, Start: w.Init(), Samples: w.Samples()}
	spec.Around.Traits = b.traits
	spec.Around.Patient = b.traits.Crashes
	if skip := decorator.Prepare(&spec); skip != "" {
		t.Fatal(skip)
	}
	offer, err := server.Row(spec)
	if err != nil || offer.Skip != "" {
		t.Fatal(offer.Skip, err)
	}
	defer func() { _ = offer.Target.Close() }()
	target := offer.Target
	if b.strike != nil {
		target = struck{target, b.strike}
	}
	row := harness.Row{
		Label:    harness.Label{Workload: "seats", Target: "postgres", Strategy: "naive-tx", Isolation: spec.Level, Around: name, Fault: b.name},
		Workload: w, Target: decorator.Wrap(target), Promise: &offer.Promise, Traits: b.traits,
	}
	if b.traits.Crashes {
		row.Workload = &alsoChecked{w, []harness.Checker{check.Progress()}}
	}
	if b.traits.Unlocks {
		row.Nemesis = killer(spec.Around.Locks)
	}
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.MinTrials = clients, 3*time.Second, 30*time.Second, 300
	rep, err := harness.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatal(err)
	}
	rep.Figures = decorator.(harness.Figured).Figures()
	return rep
}
