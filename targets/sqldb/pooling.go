package sqldb

import (
	"context"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// What store.ServerInfo.Pooling says of a pooler that stands before a server; empty: a connection is a session.
const (
	// SessionPooling gives a connection one session until it closes. Then somebody else gets that session.
	SessionPooling = "session pooling"
	// TransactionPooling gives each transaction whatever session is free.
	TransactionPooling = "transaction pooling"
)

// leveled is a Conn that leaves no level behind on its session: it begins each transaction at one.
type leveled interface{ SetLevel(level harness.Level) }

// direct: no pooler stands before the server.
func (s *Server) direct() bool { return s.cfg.Info.Pooling == "" }

// lasting says that a connection has one session as long as it is open: otherwise nobody can tell who waits for whom.
func (s *Server) lasting() error {
	if err := s.alone(); err != nil {
		return err
	}
	if s.cfg.Info.Pooling != TransactionPooling {
		return nil
	}
	return &OpenError{
		What: "statements cannot be stepped one by one through a pooler", Err: errors.New(TransactionPooling + " gives every transaction another session"),
		Do: "name the server itself in the DSN",
	}
}

// atHome says that SQL without a schema in its names means the run's own.
func (s *Server) atHome(ctx context.Context, conn Conn) error {
	if s.cfg.Home == "" {
		return nil
	}
	got, err := conn.Text(ctx, s.cfg.Home)
	if err != nil {
		return s.lost(fmt.Errorf("ask for the connection's schema: %w", err))
	}
	return store.CheckHome(got, s.cfg.Schema)
}
