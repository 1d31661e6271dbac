package sqldb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// NoSessionLocks says why no session of the server can hold locks for others.
func (s *Server) NoSessionLocks() string {
	if s.cfg.LockSession == nil {
		return "the store has no locks that a session could hold"
	}
	if pooling := s.cfg.Info.Pooling; pooling != "" {
		return "its locks belong to a session, and behind a pooler (" + pooling + ") sessions outlive their clients: name the server itself in the DSN"
	}
	return ""
}

// LockSession opens a session that takes locks, beside those of the rows.
func (s *Server) LockSession(ctx context.Context, wait time.Duration) (store.LockSession, error) {
	if why := s.NoSessionLocks(); why != "" {
		return nil, errors.New(why)
	}
	return s.cfg.LockSession(ctx, wait)
}

// Settle waits for every transaction that is under way.
func (s *Server) Settle(ctx context.Context) error {
	if s.cfg.Settle == nil {
		return fmt.Errorf("%s is not asked which transactions are under way: %w", s.cfg.Info.Product, errors.ErrUnsupported)
	}
	return s.cfg.Settle(ctx)
}
