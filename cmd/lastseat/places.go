package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
)

// place is a server, set in one way, on which schedules are played.
type place struct {
	target string
	title  string // PostgreSQL 15.20, or MariaDB 10.11.19, innodb_snapshot_isolation OFF
	levels []harness.Level
	opened *suite.Opened
	schedule.Place
}

// sqlTargets reads --target as run does; all leaves out what takes no SQL.
func sqlTargets(names []string, dsn string) ([]suite.TargetSpec, error) {
	if len(names) == 1 && names[0] == all {
		names = sqlEngines()
	}
	specs, err := parseTargets(names, dsn)
	for _, spec := range specs {
		if !spec.Engine.SQL {
			return nil, fmt.Errorf("target %s takes no SQL: name a SQL target; see lastseat list targets", spec.Name)
		}
	}
	return specs, err
}

// sqlEngines are the engines that take SQL.
func sqlEngines() []string {
	var names []string
	for _, e := range targets.Table() {
		if e.SQL {
			names = append(names, e.Name)
		}
	}
	return names
}

// places are where schedules are to be played.
type places struct {
	axes        *axes
	limit       time.Duration // for one statement
	connections int           // for the clients of operations; 0: one
	variants    bool          // each server in each way in which it can be set, not just as it is
}

// of are the ways in which a server is set, each a place.
func (p *places) of(s *suite.Opened) ([]place, error) {
	server, ok := s.Server.(store.Isolating)
	if !ok {
		return nil, errors.New("it takes no SQL as text")
	}
	product := s.Spec.Engine.Name
	for _, name := range engineNames() {
		if e, _ := engineNamed(name); e.Product == s.Info.Product {
			product = name // what answered, whatever the target is called
		}
	}
	at := place{
		target: s.Spec.Name, title: s.Info.String(), levels: s.Levels(p.axes.levels, p.axes.allLevels), opened: s,
		Place: schedule.Place{Server: server, Product: product, Embedded: s.Spec.Engine.Embedded, Limit: p.limit},
	}
	variants := server.Variants()
	if len(variants) == 0 || !p.variants {
		return []place{at}, nil
	}
	var all []place
	for _, v := range variants {
		at.Server, at.title = v.Isolating, fmt.Sprintf("%s, %s %s", s.Info, v.Setting.Name, v.Setting.Value)
		all = append(all, at)
	}
	return all, nil
}

// each opens the targets one after the other, does something on each of their places, and closes them. One that fails does not
// keep the others from their turn. Those that are not to be had here are answered.
func (p *places) each(ctx context.Context, do func(context.Context, place) error) (missing []suite.Server, err error) {
	var errs []error
	for _, spec := range p.axes.targets {
		if ctx.Err() != nil {
			break
		}
		servers, all, err := suite.OpenServers(ctx, []suite.TargetSpec{spec}, store.OpenConfig{Connections: max(p.connections, 1)})
		missing = append(missing, missingOf(all)...)
		if err != nil && ctx.Err() == nil {
			errs = append(errs, err)
		}
		for _, s := range servers {
			errs = append(errs, p.on(ctx, s, do)...)
		}
	}
	return missing, errors.Join(errs...)
}

// on does something on each place of a server, and closes it.
func (p *places) on(ctx context.Context, s *suite.Opened, do func(context.Context, place) error) (errs []error) {
	all, err := p.of(s)
	for _, at := range all {
		if err == nil {
			err = do(ctx, at)
		}
	}
	if err != nil && ctx.Err() == nil {
		errs = append(errs, fmt.Errorf("target %s: %w", s.Spec.Name, err))
	}
	if err := s.Close(); err != nil {
		errs = append(errs, err)
	}
	return errs
}

func missingOf(all []suite.Server) (missing []suite.Server) {
	for _, s := range all {
		if s.Missing != "" {
			missing = append(missing, s)
		}
	}
	return missing
}
