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

// matrix runs planned rows one after the other.
type matrix struct {
	opt      *options
	rows     []planned
	result   *reports.Result
	progress *reports.Progress
	controls map[controlKey]*harness.Control
	saved    time.Duration // that decided rows left over, for the undecided
}

// controlKey finds a row's control: same workload, same server.
type controlKey struct{ workload, target string }

// reserveFactor bounds how much longer than its budget an undecided row may run.
const reserveFactor = 4

// run runs all rows. It stops at the first error that would meet the others too, and when ctx ends.
func (m *matrix) run(ctx context.Context) {
	running := m.count()
	gone := map[string]error{}
	n := 0
	for i := range m.rows {
		p := &m.rows[i]
		row := reports.Row{
			Label: p.label, Server: p.server.info.String(), Skip: p.offer.Skip, Control: p.control, Command: m.opt.rowCommand(p.label),
			Clients: m.opt.config.Concurrency, Cells: p.workload.Init().Groups[0].Len,
		}
		if row.Skip != "" {
			m.result.Rows = append(m.result.Rows, row)
			continue
		}
		row.Expected = &p.offer.Promise
		n++
		switch {
		case ctx.Err() != nil:
			continue // not run at all: the table shows what was measured
		case gone[p.label.Target] != nil:
			row.Err = fmt.Errorf("not run: %w", gone[p.label.Target])
		default:
			m.one(ctx, p, &row, n, running)
			if errors.Is(row.Err, harness.ErrServerGone) {
				gone[p.label.Target] = harness.ErrServerGone
			}
		}
		m.result.Rows = append(m.result.Rows, row)
	}
	m.result.Interrupted = ctx.Err() != nil
}

// one runs a row, and keeps it as a control if it is one.
func (m *matrix) one(ctx context.Context, p *planned, row *reports.Row, n, of int) {
	cfg := m.opt.config
	cfg.Budget = p.budget
	if m.opt.reserves() {
		cfg.Reserve = max(min(m.saved, reserveFactor*p.budget), m.opt.config.Reserve)
	}
	cfg.Progress = func(pr harness.Progress) { m.progress.Update(n, of, pr) }
	keep, err := m.opt.keepHistory(p, row)
	if err != nil {
		row.Err = err
		return
	}
	cfg.Checkpoint = keep.checkpoint
	r := harness.Row{Label: p.label, Workload: p.workload, Target: p.offer.Target, Promise: &p.offer.Promise}
	if p.offer.Twin {
		r.Control = m.controls[controlKey{p.label.Workload, p.label.Target}]
	}
	row.Report, err = harness.Run(ctx, r, cfg)
	row.Err = first(err, keep.close(row.Report), p.offer.Target.Close())
	if row.Report == nil {
		return
	}
	m.saved += p.budget - row.Report.Elapsed
	if slices.Contains(controlNames, p.label.Strategy) && row.Err == nil {
		m.addControl(row.Report)
	}
	row.Report.History = nil // it can be large, and is written
}

// first is the error that the others follow from; after the user's interrupt they do not.
func first(errs ...error) error {
	if errors.Is(errs[0], context.Canceled) {
		return errors.Join(errs...)
	}
	return cmp.Or(errs...)
}

// addControl keeps the control that made the most checks fail, at whatever level.
func (m *matrix) addControl(r *harness.Report) {
	c, key := harness.NewControl(r), controlKey{r.Label.Workload, r.Label.Target}
	if old := m.controls[key]; old == nil || len(c.Failed) > len(old.Failed) {
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
		Clients: m.opt.config.Concurrency, Seed: m.opt.config.Seed,
	}
	for _, s := range m.opt.axes.targets {
		p.Targets = append(p.Targets, s.name)
	}
	if m.opt.config.Ops == 0 {
		for i := range m.rows {
			if m.rows[i].offer.Skip == "" {
				p.AtMost += m.rows[i].budget + rowOverhead
			}
		}
	}
	return p
}

// rowOverhead is about what a row takes besides its load: tables, connections, checks.
const rowOverhead = 200 * time.Millisecond
