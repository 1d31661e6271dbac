package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchmath"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/defects"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/workloads"
)

// peer is the field's load generator for an engine.
type peer interface {
	String() string
	// run runs operations of the shapes for about d. It answers how many of them only read, and for how long it ran.
	run(ctx context.Context, shapes []*shape, cells, clients int, d time.Duration) (reads int64, ran time.Duration, err error)
}

// figures are the outcome of a contest, each with its interval.
type figures struct{ ops, peerOps, ratio, piped benchmath.Summary }

// contest is a row that lastseat and a peer take turns to run on one server, in the same tables.
type contest struct {
	workload harness.Workload
	strategy string
	level    harness.Level
	cells    int
	clients  int
	length   time.Duration // of one turn
	pairs    int

	defects map[string]int // turns of lastseat's in which the server showed a known defect of its own, by the defect's name

	server, pipes store.Server // pipes sends BEGIN with the first statement; nil: the engine's driver cannot
	peer          peer
	route         store.Route // of the clients' connections; nil: directly
}

// bench takes the turns, a turn of each a pair, the other one first in every second.
func (c *contest) bench(ctx context.Context) (figures, error) {
	shapes, err := shapesOf(ctx, c.server.(*sqldb.Server), c.workload, c.strategy, c.level)
	if err != nil {
		return figures{}, err
	}
	var ops, peerOps, ratios, piped []float64
	for pair := range c.pairs {
		var ours, theirs, pipes float64
		turns := []func() error{
			func() (err error) { ours, err = c.own(ctx, c.server); return err },
			func() (err error) { theirs, err = c.theirs(ctx, shapes); return err },
		}
		if c.pipes != nil {
			turns = append(turns, func() (err error) { pipes, err = c.own(ctx, c.pipes); return err })
		}
		for i := range turns {
			if err := turns[(i+pair)%len(turns)](); err != nil {
				return figures{}, err
			}
		}
		ops, peerOps, ratios = append(ops, ours), append(peerOps, theirs), append(ratios, ours/theirs)
		piped = append(piped, pipes/theirs)
	}
	f := figures{ops: summary(ops), peerOps: summary(peerOps), ratio: summary(ratios)}
	if c.pipes != nil {
		f.piped = summary(piped)
	}
	return f, nil
}

// shown says which known defects of its own the server showed, for a cell of the table; empty: none.
func (c *contest) shown() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.defects)) {
		all = append(all, fmt.Sprintf("; in %d turns the server showed a known defect: %s", c.defects[name], name))
	}
	return strings.Join(all, "")
}

// ratio writes a summary of ratios: 0.97 [0.93–1.02].
func ratio(s benchmath.Summary) string {
	switch {
	case s.Center == 0:
		return "–"
	case math.IsInf(s.Hi, 0):
		return fmt.Sprintf("%.2f", s.Center)
	}
	return fmt.Sprintf("%.2f [%.2f–%.2f]", s.Center, s.Lo, s.Hi)
}

// summary is the median with its interval at 95 %, which needs 6 samples.
func summary(values []float64) benchmath.Summary {
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(values, &benchmath.DefaultThresholds), 0.95)
}

func (c *contest) offer(server store.Server) (store.Offer, error) {
	return server.Row(store.RowSpec{
		Strategy: c.strategy, Level: c.level, Start: c.workload.Init(), Samples: c.workload.Samples(),
		Env: store.Env{Route: c.route},
	})
}

// own is lastseat's goodput with everything recorded and checked.
func (c *contest) own(ctx context.Context, server store.Server) (float64, error) {
	offer, err := c.offer(server)
	if err != nil {
		return 0, err
	}
	target := offer.Target
	cfg := engine.DefaultConfig()
	cfg.Duration, cfg.Concurrency = c.length, c.clients
	label := harness.Label{Workload: c.workload.Name(), Strategy: c.strategy, Isolation: c.level}
	rep, err := engine.Run(ctx, engine.Row{Label: label, Workload: c.workload, Target: target}, cfg)
	if err != nil {
		return 0, err
	}
	if n := rep.Violations(); n > 0 {
		d := defects.Of(server.Info().Product, rep, offer.Promise)
		if d == nil {
			return 0, fmt.Errorf("%s: %d violations", label, n)
		}
		c.defects[d.Name+" ("+d.Source+")"]++
	}
	return rep.Goodput(), target.Close()
}

// theirs is the peer's goodput: the operations whose entries are in the journal, and those that only read.
func (c *contest) theirs(ctx context.Context, shapes []*shape) (float64, error) {
	offer, err := c.offer(c.server)
	if err != nil {
		return 0, err
	}
	target := offer.Target
	start := c.workload.Init()
	if err := target.Setup(ctx, start); err != nil {
		return 0, fmt.Errorf("make the tables: %w", err)
	}
	reads, ran, err := c.peer.run(ctx, shapes, c.cells, c.clients, c.length)
	if err != nil {
		return 0, err
	}
	final, err := target.Snapshot(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the tables: %w", err)
	}
	done := map[int64]bool{}
	for _, e := range final.Entries {
		done[e.Op] = true
		start.Values[e.Cell] += e.Delta
	}
	for cell, v := range start.Values {
		if v != final.Values[cell] {
			return 0, fmt.Errorf("the peer does not do the row's work: cell %d holds %d, and its journal makes it %d", cell, final.Values[cell], v)
		}
	}
	return (float64(len(done)) + float64(reads)) / ran.Seconds(), target.Close()
}

// newWorkload is a workload large enough that clients seldom meet.
func newWorkload(name string, cells int) (harness.Workload, error) {
	return workloads.New(name, workloads.Config{Cells: cells, Stock: 1000})
}
