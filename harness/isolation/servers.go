package isolation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
)

// Config says where schedules are played.
type Config struct {
	Targets []suite.TargetSpec
	// Levels that they are played at. AllLevels takes every level that a server offers. With neither, each server's default.
	Levels    []harness.Level
	AllLevels bool
	Limit     time.Duration // for one statement; 0: explore.DefaultLimit

	Engines   []store.Engine   // all that are known: statements of a schedule can be for some of them
	Workloads []suite.Workload // all that are known: a schedule of operations names one
	Progress  func(string)     // is told what is being measured; nil: nobody is
}

// server is a server, set in one way, that schedules are played on.
type server struct {
	target string
	title  string // PostgreSQL 15.20, or MariaDB 10.11.19, innodb_snapshot_isolation OFF
	levels []harness.Level
	opened *suite.Opened
	schedule.Place
}

// each opens the targets one after the other, does something on each of their servers, and closes them. A target that fails does not
// keep the others from their turn. Those that this machine lacks are answered.
func (c *Config) each(ctx context.Context, connections int, variants bool, do func(context.Context, server) error) (missing []suite.Server, err error) {
	var errs []error
	for _, spec := range c.Targets {
		if ctx.Err() != nil {
			break
		}
		opened, all, err := suite.OpenServers(ctx, []suite.TargetSpec{spec}, store.OpenConfig{Connections: connections})
		missing = append(missing, slices.DeleteFunc(all, func(s suite.Server) bool { return s.Missing == "" })...)
		if err != nil && ctx.Err() == nil {
			errs = append(errs, err)
		}
		for _, s := range opened {
			errs = append(errs, c.on(ctx, s, variants, do)...)
		}
	}
	return missing, errors.Join(errs...)
}

// on does something on a server in each way in which it can be set, and closes it.
func (c *Config) on(ctx context.Context, s *suite.Opened, variants bool, do func(context.Context, server) error) (errs []error) {
	all, err := c.variants(s, variants)
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

// variants are the ways in which a server can be set, or only the one in which it is.
func (c *Config) variants(s *suite.Opened, wanted bool) ([]server, error) {
	isolating, ok := s.Server.(store.Isolating)
	if !ok {
		return nil, errors.New("it takes no SQL as text")
	}
	at := server{
		target: s.Spec.Name, title: s.Info.String(), levels: s.Levels(c.Levels, c.AllLevels), opened: s,
		Place: schedule.Place{
			Server: isolating, Product: c.engineOf(s), Embedded: s.Spec.Engine.Embedded, Limit: c.Limit,
			LockTimeout: s.Spec.Engine.LockTimeout,
		},
	}
	settings := isolating.Variants()
	if len(settings) == 0 || !wanted {
		return []server{at}, nil
	}
	var all []server
	for _, v := range settings {
		at.Server, at.title = v.Isolating, fmt.Sprintf("%s, %s %s", s.Info, v.Setting.Name, v.Setting.Value)
		all = append(all, at)
	}
	return all, nil
}

// engineOf is the engine of what answered, whatever the target is called; of a cluster, that of each of its servers.
func (c *Config) engineOf(s *suite.Opened) string {
	for i := range c.Engines {
		if c.Engines[i].Product == s.Info.Product {
			return cmp.Or(c.Engines[i].Cluster, c.Engines[i].Name)
		}
	}
	return cmp.Or(s.Spec.Engine.Cluster, s.Spec.Engine.Name)
}
