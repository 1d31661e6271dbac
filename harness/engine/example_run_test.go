package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/workloads"
)

// till is a store: cells with versions, and a journal. A clerk looks, decides, and writes only if nobody wrote meanwhile.
type till struct {
	mu sync.Mutex
	harness.State
}

func (t *till) Setup(_ context.Context, start harness.State) error {
	t.State = start
	return nil
}

func (t *till) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	return &clerk{till: t}, nil
}

func (t *till) Snapshot(context.Context) (harness.State, error) { return t.Clone(), nil }

func (t *till) Close() error { return nil }

// clerk is one client of a till.
type clerk struct {
	till             *till
	values, versions []int64 // what the till held when the clerk looked
	seen             []harness.Access
}

func (c *clerk) Do(ctx context.Context, op *harness.Op) harness.Result {
	c.look()
	c.seen = c.seen[:0]
	if op.ReadOnly() {
		for _, step := range op.Steps {
			c.note(op, step.Cells)
		}
		return harness.Result{Outcome: harness.OK, Seen: c.seen}
	}
	cells := op.Touches(nil)
	c.note(op, cells)
	switch harness.Apply(c.values, op) {
	case harness.Rejected:
		return harness.Result{Outcome: harness.Rejected, Seen: c.seen}
	case harness.Failed: // a service that the operation calls is down
		return harness.Result{Outcome: harness.Failed, Err: op.Refusal().Answer()}
	}
	if err := harness.YieldInGap(ctx, harness.Action{Point: harness.AtGap}); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	return c.write(op, cells)
}

func (c *clerk) look() {
	c.till.mu.Lock()
	defer c.till.mu.Unlock()
	c.values, c.versions = append(c.values[:0], c.till.Values...), append(c.versions[:0], c.till.Versions...)
}

// note keeps what the operation found in cells.
func (c *clerk) note(op *harness.Op, cells []harness.Cell) {
	for _, cell := range cells {
		a := harness.Access{Cell: cell, Delta: op.DeltaOf(cell), Value: c.values[cell], Version: c.versions[cell]}
		if a.Delta != 0 {
			a.Kind = harness.Writes
		}
		c.seen = append(c.seen, a)
	}
}

func (c *clerk) write(op *harness.Op, cells []harness.Cell) harness.Result {
	t := c.till
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := func(cell harness.Cell) bool { return t.Versions[cell] != c.versions[cell] }
	if i := slices.IndexFunc(cells, changed); i >= 0 { // another attempt is worth it
		err := fmt.Errorf("%s has changed", t.CellName(cells[i]))
		return harness.Result{Outcome: harness.Failed, Conflict: harness.VersionMiss, Err: err}
	}
	for _, a := range c.seen {
		if a.Kind == harness.Writes {
			t.Values[a.Cell] += a.Delta
			t.Versions[a.Cell]++
			t.Entries = append(t.Entries, harness.Entry{Op: op.ID, Cell: a.Cell, Delta: a.Delta, Version: t.Versions[a.Cell]})
		}
	}
	return harness.Result{Outcome: harness.OK, Seen: c.seen}
}

func (c *clerk) Close() error { return nil }

// A store of one's own is a Target. Run fires a workload at it and judges what happened.
func ExampleRun() {
	transfer, err := workloads.New("transfer", workloads.Config{})
	if err != nil {
		panic(err)
	}
	target := &till{}
	defer target.Close()
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Reserve = 16, time.Minute // until it is decided
	report, err := engine.Run(context.Background(), engine.Row{Workload: transfer, Target: target}, cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Verdict, report.Violations())
	fmt.Println("trials enough:", report.Trials >= cfg.MinTrials)
	// Output:
	// safe 0
	// trials enough: true
}
