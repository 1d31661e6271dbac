package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

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
	// run runs operations of the shapes for about d.
	run(ctx context.Context, shapes []*shape, cells, clients int, d time.Duration) (turn, error)
}

// turn is what a peer says of its run: how many operations only read, how long it ran, and the CPU time of its process, its start included.
type turn struct {
	reads    int64
	ran, cpu time.Duration
}

// contest is a row that lastseat and a peer take turns to run on one server, in the same tables.
type contest struct {
	workload harness.Workload
	strategy string
	level    harness.Level
	cells    int
	clients  int
	length   time.Duration // of one turn
	pairs    int

	target string                    // what the record calls the server
	record *record                   // takes in lastseat's turns; nil: nothing does
	runs   map[bool][]*engine.Report // lastseat's turns; true: with BEGIN piped

	defects map[string]int // turns of lastseat's in which the server showed a known defect of its own, by the defect's name

	server, pipes store.Server // pipes sends BEGIN with the first statement; nil: the engine's driver cannot
	peer          peer
	route         store.Route // of the clients' connections; nil: directly
}

// bench takes the turns and writes the row of the table: lastseat's figure, the peer's, and how they compare. What it answers says which
// figure is missing, and why.
func (c *contest) bench(ctx context.Context, where string) (row string, err error) {
	var shapes []*shape
	ours := &side{run: func() (pace, error) { return c.own(ctx, c.server) }}
	theirs := &side{run: func() (pace, error) { return c.theirs(ctx, shapes) }}
	piped := &side{run: func() (pace, error) { return c.own(ctx, c.pipes) }}
	sides := []*side{ours, theirs}
	if c.pipes != nil {
		sides = append(sides, piped)
	}
	name := c.workload.Name() + "/" + c.strategy
	if shapes, err = shapesOf(ctx, c.server.(*sqldb.Server), c.workload, c.strategy, c.level); err != nil {
		theirs.why = err // it has nothing to run
	}
	inTurns(c.pairs, sides...)
	if c.record != nil {
		c.record.add(c.target, where, c.runs[false])
		c.record.add(c.target+"-piped", where, c.runs[true])
	}
	beside := "–"
	if c.pipes != nil {
		beside = ratio(piped.ratios(theirs))
	}
	row = fmt.Sprintf("| %s | %s | %d | %s | %s | %s | %s | %s | %s, %s |", name, where+c.shown(), c.clients, ours, c.peer, theirs,
		ratio(ours.ratios(theirs)), beside, ours.spent(), theirs.spent())
	return row, trouble(fmt.Sprintf("%s on %s, %d clients", name, where, c.clients), sides...)
}

// shown says which known defects of its own the server showed, for a cell of the table; empty: none.
func (c *contest) shown() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.defects)) {
		all = append(all, fmt.Sprintf("; in %d turns the server showed a known defect: %s", c.defects[name], name))
	}
	return strings.Join(all, "")
}

func (c *contest) offer(server store.Server) (store.Offer, error) {
	return server.Row(store.RowSpec{
		Strategy: c.strategy, Level: c.level, Start: c.workload.Init(), Samples: c.workload.Samples(),
		Env: store.Env{Route: c.route},
	})
}

// own is lastseat's goodput with everything recorded and checked.
func (c *contest) own(ctx context.Context, server store.Server) (did pace, err error) {
	offer, err := c.offer(server)
	if err != nil {
		return did, err
	}
	target := offer.Target
	cfg := engine.DefaultConfig()
	cfg.Duration, cfg.Concurrency = c.length, c.clients
	label := harness.Label{Workload: c.workload.Name(), Strategy: c.strategy, Isolation: c.level}
	rep, err := engine.Run(ctx, engine.Row{Label: label, Workload: c.workload, Target: target}, cfg)
	if err != nil {
		return did, err
	}
	if err := rep.History.Spool.Close(); err != nil {
		return did, err
	}
	rep.History = nil
	if c.runs != nil {
		c.runs[server == c.pipes] = append(c.runs[server == c.pipes], rep)
	}
	if n := rep.Violations(); n > 0 {
		d := defects.Of(server.Info().Product, rep, offer.Promise)
		if d == nil {
			return did, fmt.Errorf("%s: %d violations", label, n)
		}
		c.defects[d.Name+" ("+d.Source+")"]++
	}
	did.rate = rep.Goodput()
	used := rep.Generator.CPU * float64(runtime.NumCPU()) // processors, all the time
	if did.rate > 0 {
		did.cpu = time.Duration(used / did.rate * float64(time.Second))
	}
	return did, target.Close()
}

// theirs is the peer's goodput: the operations whose entries are in the journal, and those that only read.
func (c *contest) theirs(ctx context.Context, shapes []*shape) (did pace, err error) {
	offer, err := c.offer(c.server)
	if err != nil {
		return did, err
	}
	target := offer.Target
	start := c.workload.Init()
	if err := target.Setup(ctx, start); err != nil {
		return did, fmt.Errorf("make the tables: %w", err)
	}
	t, err := c.peer.run(ctx, shapes, c.cells, c.clients, c.length)
	if err != nil {
		return did, errors.Join(err, target.Close())
	}
	final, err := target.Snapshot(ctx)
	if err != nil {
		return did, fmt.Errorf("read the tables: %w", err)
	}
	done := map[int64]bool{}
	for _, e := range final.Entries {
		done[e.Op] = true
		start.Values[e.Cell] += e.Delta
	}
	for cell, v := range start.Values {
		if v != final.Values[cell] {
			return did, fmt.Errorf("the peer does not do the row's work: cell %d holds %d, and its journal makes it %d", cell, final.Values[cell], v)
		}
	}
	n := float64(len(done)) + float64(t.reads)
	if n == 0 {
		return did, errors.Join(slow("%s did nothing in %v", c.peer, c.length), target.Close())
	}
	return pace{rate: n / t.ran.Seconds(), cpu: time.Duration(float64(t.cpu) / n)}, target.Close()
}

// newWorkload is a workload large enough that clients seldom meet.
func newWorkload(name string, cells int) (harness.Workload, error) {
	return workloads.New(name, workloads.Config{Cells: cells, Stock: 1000})
}
