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
	"github.com/lastseat/lastseat/workloads"
)

// planned is a row to be run, or to be listed as skipped.
type planned struct {
	label    harness.Label
	server   *opened
	workload harness.Workload
	offer    harness.Offer
	clients  int
	cells    int           // as asked for; else what the workload has
	last     bool          // of its sweep over clients
	control  bool          // run only to vouch for the others
	budget   time.Duration // how long it may take
}

// opened is a target's server.
type opened struct {
	spec   targetSpec
	server harness.Server // nil: missing
	info   harness.ServerInfo
}

// openServers opens all targets. A server that is not to be had on this machine is left out, with the reason in result.
func openServers(ctx context.Context, specs []targetSpec, cfg harness.OpenConfig, result *reports.Result) ([]*opened, error) {
	var servers []*opened
	for _, spec := range specs {
		cfg.DSN = spec.dsn
		s, err := spec.engine.Open(ctx, cfg)
		var missing *harness.MissingError
		if errors.As(err, &missing) {
			result.Servers = append(result.Servers, reports.Server{Target: spec.name, Missing: missing.Hint})
			continue
		}
		if err != nil {
			return servers, fmt.Errorf("target %s: %w", spec.name, err)
		}
		o := &opened{spec: spec, server: s, info: s.Info()}
		result.Servers = append(result.Servers, reports.Server{Target: spec.name, Info: o.info})
		servers = append(servers, o)
	}
	return servers, nil
}

// The control's strategy: naive in memory, naive-autocommit on SQL engines.
var controlNames = []string{"naive", "naive-autocommit"}

// plan is all rows, controls first in each workload and target.
func plan(opt *options, servers []*opened) ([]planned, error) {
	var rows []planned
	for _, name := range opt.axes.workloads {
		for _, s := range servers {
			group, err := planGroup(opt, s, name)
			if err != nil {
				return nil, err
			}
			rows = append(rows, group...)
		}
	}
	return rows, nil
}

func planGroup(opt *options, s *opened, workload string) ([]planned, error) {
	levels := levelsFor(&opt.axes, s)
	strategies := opt.axes.strategies
	if strategies == nil {
		for _, i := range s.spec.engine.Strategies {
			strategies = append(strategies, i.Name)
		}
	}
	var rows []planned
	for _, strategy := range strategies {
		for _, level := range levels {
			p, err := planSteps(opt, s, workload, strategy, level)
			if err != nil {
				return nil, err
			}
			rows = append(rows, p...)
		}
	}
	return withControl(opt, s, workload, rows)
}

// withControl puts a positive control before rows that have none among them.
func withControl(opt *options, s *opened, workload string, rows []planned) ([]planned, error) {
	needed := false
	for i := range rows {
		isControl := slices.Contains(controlNames, rows[i].label.Strategy)
		if isControl && rows[i].offer.Skip == "" {
			return rows, nil
		}
		needed = needed || rows[i].offer.Skip == "" && rows[i].offer.Twin
	}
	if !needed {
		return rows, nil
	}
	for i := range rows {
		if rows[i].offer.Skip != "" {
			continue
		}
		for _, name := range controlNames {
			control, err := planSteps(opt, s, workload, name, rows[i].label.Isolation)
			if err != nil {
				return nil, err
			}
			if control[0].offer.Skip == "" {
				for j := range control {
					control[j].control = true
				}
				return slices.Concat(control, rows), nil
			}
		}
	}
	return rows, nil
}

// planSteps is a row at every step of the axes of numbers; one that is skipped is skipped once.
func planSteps(opt *options, s *opened, workload, strategy string, level harness.Level) ([]planned, error) {
	var rows []planned
	for _, cells := range opt.cells() {
		w, err := workloads.New(workload, opt.shaped(cells))
		if err != nil {
			return nil, err
		}
		p, err := planRow(opt, s, w, strategy, level)
		if err != nil {
			return nil, err
		}
		p.cells = cmp.Or(cells, workloads.DefaultCells)
		if p.offer.Skip != "" {
			return []planned{p}, nil
		}
		for i, clients := range opt.axes.clients {
			p.clients, p.last = clients, i == len(opt.axes.clients)-1
			rows = append(rows, p)
		}
	}
	return rows, nil
}

func planRow(opt *options, s *opened, w harness.Workload, strategy string, level harness.Level) (planned, error) {
	p := planned{
		label:  harness.Label{Workload: w.Name(), Target: s.spec.name, Strategy: strategy, Isolation: level},
		server: s, workload: w,
	}
	if !slices.Contains(s.server.Levels(), level) {
		p.offer.Skip = fmt.Sprintf("%s offers only %s", s.info.Product, s.server.Levels()[0])
		return p, nil
	}
	var err error
	p.offer, err = s.server.Row(harness.RowSpec{
		Strategy: strategy, Level: level, Start: w.Init(), Samples: w.Samples(), Hook: opt.hook(),
	})
	p.budget = opt.rowBudget(s, &p.offer.Promise)
	return p, err
}

// levelsFor is the levels of a server's rows.
func levelsFor(a *axes, s *opened) []harness.Level {
	offered := s.server.Levels()
	switch {
	case slices.Equal(offered, []harness.Level{harness.NoLevel}), a.allLevels:
		return offered
	case len(a.levels) > 0:
		return a.levels
	}
	return []harness.Level{s.info.DefaultLevel}
}
