package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// ConnInfo says how other code can work in the run's own schema.
func (s *Server) ConnInfo(level harness.Level) (store.ConnInfo, error) {
	if s.cfg.ConnInfo == nil {
		return store.ConnInfo{}, errors.New(s.cfg.Info.Product + " does not hand out its connections")
	}
	if level == "" {
		level = harness.NoLevel
	}
	if level != harness.NoLevel && !slices.Contains(s.cfg.Levels, level) {
		return store.ConnInfo{}, fmt.Errorf("%s has no isolation level %s, only %v", s.cfg.Info.Product, level, s.cfg.Levels)
	}
	info, err := s.cfg.ConnInfo(level)
	if err != nil {
		return info, fmt.Errorf("hand connections to %s: %w", s.cfg.Info.Product, err)
	}
	info.Schema, info.Home = s.cfg.Schema, s.cfg.Home
	info.Level, info.ReadsLock = level, s.cfg.Dialect.ReadsLock
	if level == harness.NoLevel {
		info.Level = s.cfg.Info.DefaultLevel
	}
	if iso := s.cfg.Isolation(info.Level); info.Level != harness.NoLevel {
		info.Snapshot, info.Watches = iso.TxSnapshot, iso.Watches
	}
	info.Watch = func(id int64) func() {
		s.watch(id)
		return func() { s.unwatch(id) }
	}
	return info, nil
}

// Classify implements store.Classifier.
func (s *Server) Classify(err error) harness.Result {
	d := s.cfg.Dialect
	switch {
	case err == nil:
		return harness.Result{Outcome: harness.OK}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), d.Code(err) == "":
		return harness.Result{Outcome: harness.Unknown, Err: err}
	}
	class := d.Classify(err)
	switch {
	case class.Lost:
		return harness.Result{Outcome: harness.Unknown, Err: err}
	case class.Rejected:
		return harness.Result{Outcome: harness.Rejected}
	}
	return harness.Result{Outcome: harness.Failed, Conflict: class.Conflict, Err: err}
}
