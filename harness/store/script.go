package store

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// Scripted is an optional capability of a Server: sessions that run statements as text, action by action, in the place where
// the run's own tables are.
type Scripted interface {
	// Script opens the n-th session at a level, counted from 0. It announces every statement to hook before it runs it.
	Script(ctx context.Context, level harness.Level, n int, hook harness.Hook) (Script, error)
	// Servers is over how many servers of a cluster sessions are spread, in turn; 1: they are all on one.
	Servers() int
	// Applied waits until each server of a cluster has applied what any of them has committed.
	Applied(ctx context.Context) error
	// Waiting is as Stepped's. It asks the store even where there is no script, so that a missing right to ask shows before there is one.
	Waiting(ctx context.Context) (Waits, error)
}

// Script is a session that runs statements as text.
type Script interface {
	// Run runs one statement. Where the server refuses it, the error is a *StatementError.
	Run(ctx context.Context, sql string) (Reply, error)
	Close() error
}

// Reply is what a server answers to a statement.
type Reply struct {
	Rows     [][]string // as text, NULL as NULL
	Affected int64      // of a statement without rows: how many it wrote
}

// StatementError is a server's refusal of a statement.
type StatementError struct {
	Code     string           // the server's own: 40001, 1213
	Conflict harness.Conflict // what it means, if another attempt may succeed
	Err      error
}

func (e *StatementError) Error() string { return e.Err.Error() }

// Unwrap is the driver's error.
func (e *StatementError) Unwrap() error { return e.Err }
