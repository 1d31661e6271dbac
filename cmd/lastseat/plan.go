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
	cells    int  // as asked for; else what the workload has
	last     bool // of its sweep over clients
	around   around
	spec     harness.RowSpec
	making   []harness.Decorator // what is around it, by axis
	control  bool                // run only to vouch for the others
	budget   time.Duration       // how long it may take
}

// opened is a target's server.
type opened struct {
	spec   targetSpec
	server harness.Server // nil: missing
	info   harness.ServerInfo

	decorators map[decoratorKey]harness.Decorator // what was opened around its rows
	missing    map[string]error                   // decorations that are not to be had here
}

// strategies are those that its engine has.
func (s *opened) strategies() []string {
	var names []string
	for _, i := range s.spec.engine.Strategies {
		names = append(names, i.Name)
	}
	return names
}

func newOpened(spec targetSpec, s harness.Server) *opened {
	return &opened{spec: spec, server: s, info: s.Info(), decorators: map[decoratorKey]harness.Decorator{}, missing: map[string]error{}}
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
		o := newOpened(spec, s)
		result.Servers = append(result.Servers, reports.Server{Target: spec.name, Info: o.info})
		servers = append(servers, o)
	}
	return servers, nil
}

// The control's strategy: naive in memory, naive-autocommit on SQL engines.
var controlNames = []string{"naive", "naive-autocommit"}

// vouches reports whether a row is a positive control: nothing but the bug itself.
func vouches(l harness.Label) bool {
	return slices.Contains(controlNames, l.Strategy) && l.Around == "" && l.Fault == ""
}

// plan is all rows, controls first in each workload and target.
func plan(ctx context.Context, opt *options, servers []*opened) ([]planned, error) {
	var rows []planned
	for _, name := range opt.axes.workloads {
		for _, s := range servers {
			group, err := planGroup(ctx, opt, s, name)
			if err != nil {
				return nil, err
			}
			rows = append(rows, group...)
		}
	}
	return rows, nil
}

func planGroup(ctx context.Context, opt *options, s *opened, workload string) ([]planned, error) {
	levels := levelsFor(&opt.axes, s)
	strategies, beside := strategiesFor(&opt.axes, s)
	var rows []planned
	add := func(strategy string, around []around) error {
		for _, level := range levels {
			for _, a := range around {
				p, err := planSteps(ctx, opt, s, &planned{around: a, label: harness.Label{Workload: workload, Strategy: strategy, Isolation: level}})
				if err != nil {
					return err
				}
				rows = append(rows, p...)
			}
		}
		return nil
	}
	for _, strategy := range strategies {
		if err := add(strategy, opt.axes.surroundings()); err != nil {
			return nil, err
		}
	}
	for _, strategy := range beside {
		if err := add(strategy, []around{{}}); err != nil {
			return nil, err
		}
	}
	return withControl(ctx, opt, s, workload, rows)
}

// strategiesFor are the strategies of a server's rows, and those that stand beside them with nothing around the store.
func strategiesFor(a *axes, s *opened) (strategies, beside []string) {
	known := s.strategies()
	switch {
	case a.strategies == nil:
		return known, nil
	case !a.implied:
		return a.strategies, nil
	}
	foreign := func(name string) bool { return !slices.Contains(known, name) }
	return slices.DeleteFunc(slices.Clone(a.strategies), foreign), slices.DeleteFunc(slices.Clone(a.beside), foreign)
}

// withControl puts a positive control before rows that have none among them.
func withControl(ctx context.Context, opt *options, s *opened, workload string, rows []planned) ([]planned, error) {
	needed := false
	for i := range rows {
		isControl := vouches(rows[i].label)
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
			control, err := planSteps(ctx, opt, s, &planned{label: harness.Label{Workload: workload, Strategy: name, Isolation: rows[i].label.Isolation}})
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
func planSteps(ctx context.Context, opt *options, s *opened, want *planned) ([]planned, error) {
	var rows []planned
	for _, cells := range opt.cells() {
		w, err := workloads.New(want.label.Workload, opt.shaped(cells))
		if err != nil {
			return nil, err
		}
		p, err := planRow(ctx, opt, s, w, want)
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

// planRow is the row of a strategy at a level, with what is to be around it.
func planRow(ctx context.Context, opt *options, s *opened, w harness.Workload, want *planned) (planned, error) {
	p := *want
	p.label.Target = s.spec.name
	p.label, p.server = p.around.label(p.label), s
	p.workload = surrounded(w, p.label)
	if !slices.Contains(s.server.Levels(), p.label.Isolation) {
		p.offer.Skip = fmt.Sprintf("%s offers only %s", s.info.Product, s.server.Levels()[0])
		return p, nil
	}
	p.spec = harness.RowSpec{
		Strategy: p.label.Strategy, Level: p.label.Isolation, Start: w.Init(), Samples: w.Samples(), Hook: opt.hook(),
	}
	var err error
	if p.making, err = s.around(ctx, &p.around, opt.mostClients()); err != nil {
		var missing *harness.MissingError
		if errors.As(err, &missing) {
			p.offer.Skip, err = err.Error(), nil
		}
		return p, err
	}
	if err = p.make(); err != nil {
		return p, err
	}
	p.budget = opt.rowBudget(&p)
	return p, err
}

// make makes the row. Where something is around it, it is made once more before it runs: decorators serve one row at a time.
func (p *planned) make() (err error) {
	p.offer, err = surround(p.server, &p.around, p.making, p.spec)
	return err
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
