package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
)

// Table is a planned table on opened servers.
type Table struct {
	Rows    []*Row   // in the order in which they run
	Servers []Server // each target's, or why it is missing

	cfg      Config
	opened   []*Opened
	controls map[controlKey]*engine.Control
	gone     map[string]error // by target: why its server answers no more
	lent     time.Duration    // of the table's time, to rows that are undecided when their own is up
}

// Open opens the servers and plans the rows. The caller closes the table.
func Open(ctx context.Context, cfg Config) (*Table, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	opened, all, err := OpenServers(ctx, cfg.Targets, cfg.Open)
	if err == nil {
		var t *Table
		if t, err = On(ctx, cfg, opened...); err == nil {
			t.Servers, t.opened = all, opened
			return t, nil
		}
	}
	for _, s := range opened {
		err = errors.Join(err, s.Close())
	}
	return nil, err
}

// On plans the rows of servers that the caller has opened, and closes.
func On(ctx context.Context, cfg Config, servers ...*Opened) (*Table, error) {
	t := &Table{cfg: cfg, controls: map[controlKey]*engine.Control{}, gone: map[string]error{}}
	var err error
	t.Rows, err = plan(ctx, &t.cfg, servers)
	for _, row := range t.Rows {
		t.lent += row.plan.lent
	}
	return t, err
}

// Close closes the servers that Open opened.
func (t *Table) Close() error {
	var errs []error
	for _, s := range t.opened {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Count is how many rows will run; the others are skipped.
func (t *Table) Count() int { return runnable(t.Rows) }

// Run runs all rows as often as the config asks: each once, then each again, so that whatever drifts meanwhile hits all alike. A row
// stops at its first error, all stop when ctx ends. A row that never began is left out: the result shows what was measured.
func (t *Table) Run(ctx context.Context) *Result {
	res := &Result{Version: Version, Seed: t.cfg.Each.Seed, Started: time.Now(), Servers: t.Servers, Backends: t.backends()}
	of, n := t.Count()*t.cfg.runs(), 0
	for run := range t.cfg.runs() {
		for _, row := range t.Rows {
			if row.Skip != "" {
				continue
			}
			n++
			if ctx.Err() == nil && row.Err == nil {
				t.once(ctx, row, run, n, of)
				if t.cfg.Done != nil {
					t.cfg.Done(row)
				}
			}
		}
	}
	for _, row := range t.Rows {
		if row.Skip != "" || row.Report != nil || row.Err != nil {
			res.Rows = append(res.Rows, *row)
		}
	}
	res.JudgeSweeps(t.cfg.Each.MinTrials)
	res.Interrupted = ctx.Err() != nil
	res.Elapsed = time.Since(res.Started)
	return res
}

// Once runs one row, whatever it did before.
func (t *Table) Once(ctx context.Context, row *Row) {
	row.Report, row.Runs, row.Swept, row.Err, row.HistoryFile = nil, nil, nil, nil, ""
	t.once(ctx, row, 0, 1, 1)
}

// once is one of the row's runs: number run (from 0) of its own, n of so many in all.
func (t *Table) once(ctx context.Context, row *Row, run, n, of int) {
	if err := t.gone[row.Label.Target]; err != nil {
		row.Err = fmt.Errorf("not run: %w", err)
		return
	}
	if row.Environment.Any() {
		if _, row.Err = row.make(); row.Err != nil { // components serve one row at a time
			return
		}
	}
	cfg := t.config(row, run)
	defer t.settle(row, time.Now())
	if t.cfg.Progress != nil {
		cfg.Progress = func(p engine.Progress) { t.cfg.Progress(n, of, p) }
	}
	keeper, err := t.keep(row, cfg.Seed)
	if err != nil {
		row.Err = err
		return
	}
	if t.cfg.Keep != nil {
		cfg.Checkpoint = keeper.Checkpoint
	}
	if row.HistoryFile == "" {
		row.HistoryFile = keeper.Path()
	}
	r := engine.Row{
		Label: row.Label, Workload: row.plan.workload, Target: row.plan.target, Promise: row.Expected,
		Traits: row.Environment.Traits(), Nemesis: row.plan.components.Nemesis(),
	}
	if t.cfg.Elsewhere != nil {
		r.Clients = t.cfg.Elsewhere(row)
	}
	if row.plan.hasControl {
		r.Control = t.controls[row.controlKey()]
	}
	report, err := engine.Run(ctx, r, cfg)
	row.Err = first(err, keeper.Close(report), row.plan.target.Close())
	if errors.Is(row.Err, harness.ErrServerLost) {
		t.gone[row.Label.Target] = harness.ErrServerLost
	}
	if report != nil {
		t.take(row, report, keeper.Path(), cfg.MinTrials)
	}
}

// take takes in what a run of the row reported.
func (t *Table) take(row *Row, report *engine.Report, path string, minTrials int64) {
	if t.cfg.Elsewhere == nil {
		report.Figures = row.plan.components.Figures()
	} else if n, ok := row.plan.components.Nemesis().(store.Figured); ok {
		report.Figures = append(report.Figures, n.Figures()...) // what strikes from here is counted here
	}
	if row.vouches() && row.Err == nil {
		t.addControl(row, report)
	}
	row.Err = cmp.Or(row.Err, report.History.Spool.Close())
	report.History = nil // it can be large, and is kept elsewhere
	if report.Verdict == harness.Unsafe && row.Verdict() != harness.Unsafe {
		row.HistoryFile = path // the first repeat that broke
	}
	if row.Report = report; t.cfg.runs() > 1 {
		row.Runs = append(row.Runs, report)
		row.Report = engine.Merge(row.Runs, minTrials)
	}
}

// keep opens the place for the row's history.
func (t *Table) keep(row *Row, seed uint64) (Keeper, error) {
	if t.cfg.Keep == nil {
		return nowhere{}, nil
	}
	return t.cfg.Keep(row, row.plan.workload.Init(), seed)
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Checkpoint(*harness.History) error { return nil }
func (nowhere) Close(*engine.Report) error        { return nil }
func (nowhere) Path() string                      { return "" }

// first is the error that the others follow from; after the user's interrupt they do not.
func first(errs ...error) error {
	if errors.Is(errs[0], context.Canceled) {
		return errors.Join(errs...)
	}
	return cmp.Or(errs...)
}
