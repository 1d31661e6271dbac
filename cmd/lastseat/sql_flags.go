package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// sqlFlags say where schedules are played: those that isolation and replay share, and what was made of them.
type sqlFlags struct {
	named, levels []string
	dsn           string
	timeout       time.Duration
	config        isolation.Config
}

// add adds all but --isolation, whose default each command has of its own.
func (s *sqlFlags) add(f *pflag.FlagSet) {
	f.StringSliceVar(&s.named, "target", []string{names.All}, "SQL targets, or name=DSN, or all")
	f.StringVar(&s.dsn, "dsn", "", "the server of the single --target: a URL or a driver's DSN")
	f.DurationVar(&s.timeout, "timeout", explore.DefaultLimit, "longest time for one statement")
}

// parse reads them; all leaves out what takes no SQL.
func (s *sqlFlags) parse() (err error) {
	if len(s.named) == 1 && s.named[0] == names.All {
		s.named = targets.SQL()
	}
	c := isolation.Config{Limit: s.timeout, Engines: targets.Table(), Workloads: workloadsOf(workloads.Names(), &workloads.Config{})}
	if c.Targets, err = suite.ParseTargets(c.Engines, s.named, s.dsn); err != nil {
		return err
	}
	for _, spec := range c.Targets {
		if !spec.Engine.SQL {
			return fmt.Errorf("target %s takes no SQL: name a SQL target; see lastseat list targets", spec.Name)
		}
	}
	if s.timeout <= 0 {
		return fmt.Errorf("--timeout is %v, must be positive", s.timeout)
	}
	c.Levels, c.AllLevels, err = suite.ParseLevels(s.levels)
	s.config = c
	return err
}
