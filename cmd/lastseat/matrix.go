package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/reports"
)

// matrix runs planned rows one after the other, and all of them again for each repeat.
type matrix struct {
	opt      *options
	rows     []planned
	result   *reports.Result
	progress *reports.Progress
	controls map[controlKey]*harness.Control
	gone     map[string]error // by target: why its server answers no more
	saved    time.Duration    // that decided rows left over, for the undecided
}

// controlKey finds a row's control: same workload, same server, same load. The control may be caught with any number of clients.
type controlKey struct {
	workload, target string
	cells            int
}

func (p *planned) controlKey() controlKey {
	return controlKey{p.label.Workload, p.label.Target, p.cells}
}

// reserveFactor bounds how much longer than its budget an undecided row may run.
const reserveFactor = 4

// run runs all rows as often as asked: each once, then each again, so that whatever drifts meanwhile hits all alike. It stops at
// the first error that would meet the others too, and when ctx ends.
func (m *matrix) run(ctx context.Context) {
	rows := make([]reports.Row, len(m.rows))
	for i := range m.rows {
		rows[i] = m.row(&m.rows[i])
	}
	of, n := m.count()*m.opt.runs, 0
	for run := range m.opt.runs {
		for i := range m.rows {
			if rows[i].Skip != "" {
				continue
			}
			n++
			if ctx.Err() == nil && rows[i].Err == nil {
				m.one(ctx, &m.rows[i], rows[:i+1], run, n, of)
			}
		}
	}
	for i := range rows {
		// A row that never began is left out: the table shows what was measured.
		if row := &rows[i]; row.Skip != "" || row.Report != nil || row.Err != nil {
			m.result.Rows = append(m.result.Rows, *row)
		}
	}
	m.result.JudgeSweeps(m.opt.config.MinTrials)
	m.result.Interrupted = ctx.Err() != nil
}

// row is a planned row's line in the table before it has run.
func (m *matrix) row(p *planned) reports.Row {
	row := reports.Row{
		Label: p.label, Server: p.server.info.String(), Skip: p.offer.Skip, Control: p.control, Command: m.opt.rowCommand(p),
		Clients: p.clients, Cells: p.cells,
	}
	if row.Skip == "" {
		row.Expected = &p.offer.Promise
	}
	return row
}

// one runs the last of rows once, and keeps it as a control if it is one. n of so many runs in all it is.
func (m *matrix) one(ctx context.Context, p *planned, rows []reports.Row, run, n, of int) {
	row := &rows[len(rows)-1]
	if err := m.gone[p.label.Target]; err != nil {
		row.Err = fmt.Errorf("not run: %w", err)
		return
	}
	if p.around.any() {
		if row.Err = p.make(); row.Err != nil {
			return
		}
	}
	cfg := m.config(p, rows, run)
	cfg.Progress = func(pr harness.Progress) { m.progress.Update(n, of, pr) }
	keep, err := m.opt.keepHistory(p, row, cfg.Seed)
	if err != nil {
		row.Err = err
		return
	}
	cfg.Checkpoint = keep.checkpoint
	if row.HistoryFile == "" {
		row.HistoryFile = keep.path
	}
	r := harness.Row{
		Label: p.label, Workload: p.workload, Target: p.offer.Target, Promise: &p.offer.Promise,
		Traits: p.around.traits(), Nemesis: p.nemesis(),
	}
	if p.offer.Twin {
		r.Control = m.controls[p.controlKey()]
	}
	report, err := harness.Run(ctx, r, cfg)
	row.Err = first(err, keep.close(report), p.offer.Target.Close())
	if report != nil {
		report.Figures = p.figures()
	}
	if errors.Is(row.Err, harness.ErrServerGone) {
		m.gone[p.label.Target] = harness.ErrServerGone
	}
	if report == nil {
		return
	}
	m.saved += p.budget - report.Elapsed
	if vouches(p.label) && row.Err == nil {
		m.addControl(p, report)
	}
	report.History = nil // it can be large, and is written
	if report.Verdict == harness.Unsafe && row.Verdict() != harness.Unsafe {
		row.HistoryFile = keep.path // the first repeat that broke
	}
	if row.Report = report; m.opt.runs > 1 {
		row.Runs = append(row.Runs, report)
		row.Report = harness.Merge(row.Runs, cfg.MinTrials)
	}
}

// config is how the last of rows is run.
func (m *matrix) config(p *planned, rows []reports.Row, run int) harness.Config {
	cfg := m.opt.config
	cfg.Concurrency, cfg.Budget = p.clients, p.budget
	cfg.Seed += uint64(run)
	switch {
	case cfg.Duration > 0 || cfg.Ops > 0:
	case m.opt.runs > 1:
		cfg.Duration = p.budget // as long as the others, so that they can be compared
	case p.last && !sweepDecided(rows):
		cfg.Reserve = max(min(m.saved, reserveFactor*p.budget), m.opt.config.Reserve)
	}
	return cfg
}

// sweepDecided reports whether an earlier step of the last row's sweep decides it.
func sweepDecided(rows []reports.Row) bool {
	last := &rows[len(rows)-1]
	return slices.ContainsFunc(rows[:len(rows)-1], func(r reports.Row) bool {
		return r.Label == last.Label && r.Cells == last.Cells && (r.Verdict() == harness.Unsafe || r.Verdict() == harness.Safe)
	})
}

// first is the error that the others follow from; after the user's interrupt they do not.
func first(errs ...error) error {
	if errors.Is(errs[0], context.Canceled) {
		return errors.Join(errs...)
	}
	return cmp.Or(errs...)
}

// addControl keeps the control that made the most checks fail, at whatever level; over a sweep and over repeats, at any of them.
func (m *matrix) addControl(p *planned, r *harness.Report) {
	c, key := harness.NewControl(r), p.controlKey()
	old := m.controls[key]
	if old != nil && old.Label == c.Label {
		c = old.Or(c)
	}
	if old == nil || len(c.Failed) > len(old.Failed) {
		m.controls[key] = c
	}
}

// count is how many rows will run.
func (m *matrix) count() int {
	n := 0
	for i := range m.rows {
		if m.rows[i].offer.Skip == "" {
			n++
		}
	}
	return n
}

// plan says what run is about to do.
func (m *matrix) plan() reports.Plan {
	p := reports.Plan{
		Rows: m.count(), Skipped: len(m.rows) - m.count(), Workloads: m.opt.axes.workloads,
		Clients: m.opt.axes.clients, Cells: m.opt.axes.cells, Runs: m.opt.runs, Seed: m.opt.config.Seed,
	}
	for _, s := range m.opt.axes.targets {
		p.Targets = append(p.Targets, s.name)
	}
	if m.opt.config.Ops == 0 {
		for i := range m.rows {
			if m.rows[i].offer.Skip == "" {
				p.AtMost += time.Duration(m.opt.runs) * (m.rows[i].budget + rowOverhead)
			}
		}
	}
	return p
}

// rowOverhead is about what a row takes besides its load: tables, connections, checks.
const rowOverhead = 200 * time.Millisecond
