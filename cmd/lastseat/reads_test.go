package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/reads"
	"github.com/lastseat/lastseat/workloads"
)

// readsServers is how many application servers the clients are at.
const readsServers = 3

// TestReadsFrom: a decision that rests on an old read oversells, unless the write checks again; and a lock helps only those who read
// what is there now.
func TestReadsFrom(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute; run without -short")
	}
	o := openTarget(t, "postgres", matrixClients)
	for _, d := range reads.Table() {
		decorator := openDecoration(t, d, o, readsServers)
		for _, c := range []struct {
			strategy string
			level    harness.Level
			locked   bool
			safe     string // the decorations under which it is
		}{
			{strategy: "naive-tx", level: harness.ReadCommitted},
			{strategy: "naive-tx", level: harness.Serializable}, // a level protects its own reads only
			{strategy: "check-then-act", level: harness.ReadCommitted},
			{strategy: "advisory-late", level: harness.ReadCommitted, safe: "replica-lsn"},
			{strategy: "optimistic", level: harness.ReadCommitted, safe: "cache, replica, replica-lsn"},
			{strategy: "naive-tx", level: harness.ReadCommitted, locked: true, safe: "replica-lsn"},
			{strategy: "naive-tx", level: harness.RepeatableRead, locked: true, safe: "replica-lsn"},
			{strategy: "check-then-act", level: harness.ReadCommitted, locked: true, safe: "replica-lsn"},
		} {
			around := []harness.Decorator{decorator}
			name := c.strategy + "@" + string(c.level)
			if c.locked {
				around, name = append(around, &fairLock{}), name+" under a lock"
			}
			t.Run(d.Name+"/"+name, func(t *testing.T) {
				safe := slices.Contains(strings.Split(c.safe, ", "), d.Name)
				readsRow(t, o, harness.RowSpec{Strategy: c.strategy, Level: c.level}, safe, around...)
			})
		}
	}
}

// TestReadsFromOfManyCells: operations on several cells, of which some are read from elsewhere and some may not be.
func TestReadsFromOfManyCells(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute; run without -short")
	}
	o := openTarget(t, "postgres", matrixClients)
	for _, d := range reads.Table() {
		decorator := openDecoration(t, d, o, readsServers)
		for _, workload := range []string{"transfer", "joint", "checkout"} {
			run := func(strategy string, safe bool, around ...harness.Decorator) {
				t.Run(d.Name+"/"+workload+"/"+strategy, func(t *testing.T) {
					spec := harness.RowSpec{Strategy: strategy, Level: harness.ReadCommitted}
					readsRowOf(t, o, workload, spec, safe, append([]harness.Decorator{decorator}, around...)...)
				})
			}
			run("optimistic", true)
			run("naive-tx", false)
			run("check-then-act", d.Name == "replica-lsn", &fairLock{})
		}
	}
}

// TestCacheOfOneServer: who has no other server beside it misses no write; a lock is all that it takes.
func TestCacheOfOneServer(t *testing.T) {
	for _, target := range []string{"sqlite", "postgres", "mariadb"} {
		t.Run(target, func(t *testing.T) {
			o := openTarget(t, target, matrixClients)
			decorator := openDecoration(t, reads.Table()[0], o, 1)
			for _, strategy := range []string{"naive-tx", "check-then-act"} {
				spec := harness.RowSpec{Strategy: strategy, Level: o.info.DefaultLevel}
				t.Run(strategy, func(t *testing.T) { readsRow(t, o, spec, false, decorator) })
				t.Run(strategy+" under a lock", func(t *testing.T) { readsRow(t, o, spec, true, decorator, &fairLock{}) })
			}
		})
	}
}

// TestCacheOnEveryEngine: it needs nothing but this process.
func TestCacheOnEveryEngine(t *testing.T) {
	for _, target := range []string{"sqlite", "mysql", "mariadb"} {
		t.Run(target, func(t *testing.T) {
			o := openTarget(t, target, matrixClients)
			decorator := openDecoration(t, reads.Table()[0], o, readsServers)
			for strategy, safe := range map[string]bool{"naive-tx": false, "check-then-act": false, "optimistic": true} {
				t.Run(strategy, func(t *testing.T) {
					readsRow(t, o, harness.RowSpec{Strategy: strategy, Level: o.info.DefaultLevel}, safe, decorator)
				})
			}
			t.Run("naive-tx under a lock", func(t *testing.T) {
				readsRow(t, o, harness.RowSpec{Strategy: "naive-tx", Level: o.info.DefaultLevel}, false, decorator, &fairLock{})
			})
		})
	}
}

func openDecoration(t *testing.T, d harness.Decoration, o *opened, servers int) harness.Decorator {
	t.Helper()
	decorator, err := d.Open(t.Context(), harness.DecorationOptions{Store: o.server, Servers: servers, Clients: matrixClients})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := decorator.Close(); err != nil {
			t.Error(err)
		}
	})
	return decorator
}

// readsRow runs seats, and readsRowOf another workload, with decorators around the store, and holds that the row is promised and found to be what it should.
func readsRow(t *testing.T, o *opened, spec harness.RowSpec, safe bool, around ...harness.Decorator) {
	t.Helper()
	readsRowOf(t, o, "seats", spec, safe, around...)
}

func readsRowOf(t *testing.T, o *opened, workload string, spec harness.RowSpec, safe bool, around ...harness.Decorator) {
	t.Helper()
	w, err := workloads.New(workload, workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	spec.Start, spec.Samples = w.Init(), w.Samples()
	for _, d := range around {
		if skip := d.Prepare(&spec); skip != "" {
			t.Fatal(skip)
		}
	}
	offer, err := o.server.Row(spec)
	if err != nil || offer.Skip != "" {
		t.Fatal(err, offer.Skip)
	}
	if offer.Promise.Safe != safe {
		t.Fatalf("promised safe=%v (%s), want %v", offer.Promise.Safe, offer.Promise.Reason, safe)
	}
	target := offer.Target
	for _, d := range around {
		target = d.Wrap(target)
	}
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.Seed = matrixClients, matrixBudget, matrixReserve, uint64(time.Now().UnixNano())
	label := harness.Label{Workload: workload, Target: o.spec.name, Strategy: spec.Strategy, Isolation: spec.Level}
	r, err := harness.Run(t.Context(), harness.Row{Label: label, Workload: w, Target: target, Promise: &offer.Promise}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	var figures []harness.Figure
	if f, ok := around[0].(harness.Figured); ok {
		figures = f.Figures()
	}
	t.Logf("%s: %d ok, %d trials, %d violations in %v, %.0f%% waiting; %v: %s", r.Verdict, r.Accounting.Outcomes[harness.OK], r.Trials,
		r.Violations(), r.Elapsed.Round(time.Millisecond), 100*r.Waiting(), figures, r.Reason)
	if !r.AsExpected {
		t.Errorf("%s, expected safe=%v: %s (%v)", r.Verdict, safe, r.Reason, r.Failure)
		for i := range r.Results {
			t.Log(r.Results[i].Checker.Name, r.Results[i].Texts)
		}
	}
}

// fairLock is a lock in this process around whole operations, a lock a cell, taken in cell order: one that keeps its word.
type fairLock struct{ cells []sync.Mutex }

func (l *fairLock) Prepare(spec *harness.RowSpec) string {
	l.cells = make([]sync.Mutex, len(spec.Start.Values))
	spec.Around.Influences = append(spec.Around.Influences, harness.Influence{
		Name: "lock", Prevents: harness.Serialized(false), Why: "the lock keeps others out from the read to the commit",
	})
	return ""
}

func (l *fairLock) Wrap(inner harness.Target) harness.Target { return &lockedTarget{inner, l} }
func (l *fairLock) Close() error                             { return nil }

type lockedTarget struct {
	harness.Target
	lock *fairLock
}

func (t *lockedTarget) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s, err := t.Target.Session(ctx, opt)
	return &lockedSession{s, t.lock}, err
}

type lockedSession struct {
	harness.Session
	lock *fairLock
}

func (s *lockedSession) Do(ctx context.Context, op *harness.Op) harness.Result {
	cells := op.Touches(nil)
	slices.Sort(cells)
	for _, c := range cells {
		s.lock.cells[c].Lock()
		defer s.lock.cells[c].Unlock()
	}
	return s.Session.Do(ctx, op)
}
