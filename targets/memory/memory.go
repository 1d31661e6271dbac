// Package memory is the target that needs no server: cells in this process's memory, under the ways a Go program has of
// sharing them. In goes an operation, out comes what a client would be told; the same operations under the same engine as
// on a database, a thousand times faster. Start at strategies.
package memory

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
)

// Engine is the table's line for this target.
func Engine() store.Engine {
	e := store.Engine{
		Name: "memory", Product: "memory", Embedded: true,
		Explain: "cells in this process, shared by goroutines: what a race looks like without a database",
		Open:    open,
	}
	for _, s := range strategies() {
		e.Strategies = append(e.Strategies, store.StrategyInfo{Name: s.name, Explain: s.explain, Plan: &s.plan})
	}
	return e
}

func open(_ context.Context, cfg store.OpenConfig) (store.Server, error) {
	if cfg.DSN != "" {
		return nil, errors.New("there is no server to name; leave --dsn out")
	}
	return server{}, nil
}

// strategy is a way of sharing cells.
type strategy struct {
	name, explain string
	plan          promise.Plan
	share         func(start harness.State) shared
}

// shared is the cells under a strategy. do fills res for one attempt; scratch is the session's own.
type shared interface {
	do(ctx context.Context, s *session, op *harness.Op) harness.Result
	// state copies the cells out when no session is at work.
	state() (values, versions []int64)
	close()
}

func strategies() []strategy {
	locked := promise.Plan{Cover: promise.Locked, CoversReads: true}
	return []strategy{
		{
			"naive", "reads, thinks, writes what it computed: loses updates",
			promise.Plan{Split: true, Partial: true},
			newNaive,
		},
		{"mutex", "one lock around everything: safe", locked, newMutex},
		{"striped", "a lock a cell, taken in cell order: safe, and operations on different cells run together", locked, newStriped},
		{
			"compare-and-swap", "computes a new image of all cells and swaps it in if nobody else did: safe, retries",
			promise.Plan{Cover: promise.Compared, CoversReads: true},
			newSwap,
		},
		{"single-writer", "one goroutine owns the cells, the others send it their operations: safe, no lock", locked, newWriter},
	}
}

type server struct{}

func (server) Info() store.ServerInfo {
	return store.ServerInfo{Product: "memory", Version: runtime.Version(), DefaultLevel: harness.NoLevel, OneAtATime: true}
}

func (server) Levels() []harness.Level { return []harness.Level{harness.NoLevel} }
func (server) Close() error            { return nil }

func (server) Row(spec store.RowSpec) (store.Offer, error) {
	if content, same := spec.Start.Content(); !same || content != harness.Numbers {
		return store.Offer{Skip: "memory holds numbers only: these transactions need a SQL target"}, nil
	}
	if why := spec.Env.Lacks(unmet()); why != "" {
		return store.Offer{Skip: why}, nil
	}
	for _, s := range strategies() {
		if s.name == spec.Strategy {
			iso := promise.Isolation{Level: harness.NoLevel, Prevents: promise.HazardSet(promise.G0, promise.Dirty)}
			if why := s.plan.SkipIdle(spec.Samples, iso, spec.Env.Effects); why != "" {
				return store.Offer{Skip: why}, nil
			}
			return store.Offer{
				Target:     &target{strategy: s, hook: spec.Hook},
				Promise:    promise.Of(s.plan, spec.Samples, "memory", iso, spec.Env.Effects...),
				HasControl: true,
			}, nil
		}
	}
	return store.Offer{Skip: "memory has no strategy " + spec.Strategy}, nil
}

// unmet is what rows in memory do not support.
func unmet() []store.Unmet {
	var all []store.Unmet
	for _, r := range []store.Requirement{
		store.Fences, store.RequestKeys, store.OutsideReads, store.ServiceCalls, store.CommitPoint, store.Connections, store.Settings,
	} {
		all = append(all, store.Unmet{Requirement: r, Why: "memory has no connections, fences, request ids or caches in front: this needs a SQL target"})
	}
	return all
}

// target is one row: cells under one strategy.
type target struct {
	strategy strategy
	hook     harness.Hook
	start    harness.State
	cells    shared
	mu       sync.Mutex
	sessions []*session
	pages    *spool.List[harness.Entry] // of the journal; nil: there is no session yet
}

func (t *target) InProcess() bool { return true }

func (t *target) Setup(_ context.Context, start harness.State) error {
	if t.cells != nil {
		t.cells.close()
	}
	t.start, t.sessions, t.pages = start, nil, nil
	t.cells = t.strategy.share(start.Clone())
	return nil
}

func (t *target) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	hook := t.hook
	if hook == nil {
		hook = harness.YieldInGap
	}
	return t.open(&session{hook: hook.Then(opt.Hook)}, opt.Spool), nil
}

// open gives a session its part of the target. All sessions of a row have the same spool.
func (t *target) open(s *session, in *spool.Spool) *session {
	s.cells, s.values = t.cells, make([]int64, len(t.start.Values))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pages == nil {
		t.pages = spool.NewList[harness.Entry](in)
	}
	s.pages = t.pages
	t.sessions = append(t.sessions, s)
	return s
}

func (t *target) Snapshot(context.Context) (harness.State, error) {
	final := t.start
	final.Values, final.Versions = t.cells.state()
	final.Entries = t.entries()
	return final, nil
}

func (t *target) Close() error {
	if t.cells != nil {
		t.cells.close()
		t.cells, t.sessions, t.pages = nil, nil, nil
	}
	return nil
}

// session is one client: scratch space and its part of the journal.
type session struct {
	cells   shared
	hook    harness.Hook
	led     bool    // hook is told everything, and what would wait for a lock asks it first
	values  []int64 // scratch, by cell
	touched []harness.Cell
	one     [1]harness.Cell // scratch
	seen    []harness.Access
	journal []harness.Entry            // since pages were put away
	pages   *spool.List[harness.Entry] // of all sessions
	answer  chan harness.Result        // single-writer: where its answers arrive
}

func (s *session) Do(ctx context.Context, op *harness.Op) harness.Result {
	s.seen = s.seen[:0]
	s.turnPage()
	if !op.ReadOnly() {
		s.touched = op.Touches(s.touched[:0])
	}
	return s.cells.do(ctx, s, op)
}

func (s *session) Close() error { return nil }

// sees notes a cell as op found it.
func (s *session) sees(op *harness.Op, c harness.Cell, value, version int64) {
	a := harness.Access{Cell: c, Kind: harness.Reads, Value: value, Version: version}
	if a.Delta = op.DeltaOf(c); a.Delta != 0 {
		a.Kind = harness.Writes
	}
	s.seen = append(s.seen, a)
}

func (s *session) result(o harness.Outcome, waited time.Duration) harness.Result {
	return harness.Result{Outcome: o, Waited: waited, Seen: s.seen}
}

// image is cells that only one goroutine touches at a time.
type image struct{ values, versions []int64 }

func newImage(start harness.State) image {
	return image{values: start.Values, versions: start.Versions}
}

func (m *image) state() (values, versions []int64) {
	return slices.Clone(m.values), slices.Clone(m.versions)
}

// apply carries op out on the image, whose touched cells the caller has to itself.
func (m *image) apply(ctx context.Context, s *session, op *harness.Op) (harness.Outcome, error) {
	if op.ReadOnly() {
		for i := range op.Steps {
			for _, c := range op.Steps[i].Cells {
				s.sees(op, c, m.values[c], m.versions[c])
			}
		}
		return harness.OK, nil
	}
	for _, c := range s.touched {
		s.sees(op, c, m.values[c], m.versions[c])
	}
	if err := s.at(ctx, harness.AtGap, s.touched); err != nil {
		return harness.Failed, err
	}
	if op.Calls() {
		if err := s.at(ctx, harness.AtCall, s.touched); err != nil {
			return harness.Failed, err
		}
	}
	switch outcome := harness.Apply(m.values, op); outcome {
	case harness.OK:
	case harness.Failed:
		return outcome, op.Refusal().Answer()
	default:
		return outcome, nil
	}
	for i := range s.seen {
		if a := &s.seen[i]; a.Kind == harness.Writes {
			m.versions[a.Cell]++
			s.journal = append(s.journal, harness.Entry{Op: op.ID, Cell: a.Cell, Delta: a.Delta, Version: m.versions[a.Cell]})
		}
	}
	return harness.OK, nil
}

// applied is the result of apply.
func (m *image) applied(ctx context.Context, s *session, op *harness.Op, waited time.Duration) harness.Result {
	outcome, err := m.apply(ctx, s, op)
	res := s.result(outcome, waited)
	res.Err = err
	return res
}
