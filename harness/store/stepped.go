package store

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// Stepped is an optional capability of a Target: its sessions can be stepped action by action, one at a time, so that it is known in
// which order they did what.
type Stepped interface {
	// StepSession opens a client that announces every action to hook before it begins it, and has a connection of its own.
	StepSession(ctx context.Context, hook harness.Hook) (harness.Session, error)
	// Hold opens a bystander: its Do begins a transaction, locks the cells, and commits, whatever the operation. Nil: the store has
	// no locks of cells.
	Hold(ctx context.Context, hook harness.Hook, cells []harness.Cell) (harness.Session, error)
	// Waiting is how many sessions that are stepped wait for a lock at this moment, as the store itself says. Stores that call hooks at
	// AtBlocked are not asked.
	Waiting(ctx context.Context) (Waits, error)
	// Reap reads the cells and the journal, and restores what Setup made. Nothing may be under way.
	Reap(ctx context.Context) (harness.State, error)
	// Statements are the SQL statements that make what Setup makes; nil: there are none.
	Statements() []string
	// Restore makes the store hold again what Setup gave it. Nothing may be under way.
	Restore(ctx context.Context) error
}

// Waits are how many sessions wait at a moment.
type Waits struct {
	Locks  int // for a lock that somebody else has to give back
	Circle int // for each other: the store is about to refuse one of them, or to serve them in another order
}
