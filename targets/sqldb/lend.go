package sqldb

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Lend says how other code can work in the run's own schema.
func (s *Server) Lend(level harness.Level) (store.Loan, error) {
	if s.cfg.Lend == nil {
		return store.Loan{}, errors.New(s.cfg.Info.Product + " lends no connections")
	}
	if level == "" {
		level = harness.NoLevel
	}
	if level != harness.NoLevel && !slices.Contains(s.cfg.Levels, level) {
		return store.Loan{}, fmt.Errorf("%s has no isolation level %s, only %v", s.cfg.Info.Product, level, s.cfg.Levels)
	}
	loan, err := s.cfg.Lend(level)
	if err != nil {
		return loan, fmt.Errorf("lend connections to %s: %w", s.cfg.Info.Product, err)
	}
	loan.Schema, loan.Home = s.cfg.Schema, s.cfg.Home
	loan.Level, loan.ReadsLock = level, s.cfg.Dialect.ReadsLock
	if level == harness.NoLevel {
		loan.Level = s.cfg.Info.DefaultLevel
	}
	loan.Lead = func(id int64) func() {
		s.led(id)
		return func() { s.unled(id) }
	}
	return loan, nil
}
