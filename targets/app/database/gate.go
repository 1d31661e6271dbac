package database

import "context"

// Gates stop statements inside. Each table of the database has one: a trigger that waits while lastseat holds a lock. Where a session's
// gate is closed, its next statement that writes stops after its snapshot is taken and before it writes. The locks are those of a session
// of lastseat's: if that ends, all gates are open.
type Gates interface {
	// InstallGates puts a gate on each table that there is. Why it could not is for people.
	InstallGates(ctx context.Context) error
	// CloseGate has a session stop at the next gate.
	CloseGate(ctx context.Context, session uint64) error
	// OpenGate lets it go on.
	OpenGate(ctx context.Context, session uint64) error
	// AtGate says which of the sessions stand at a gate.
	AtGate(ctx context.Context, sessions []uint64) (map[uint64]bool, error)
}

// Reach is how far gates reach.
type Reach struct {
	// None is why they reach nowhere; empty: they do.
	None string
	// Always: each statement that writes a table stops, whether it meets rows or not, and has no locks on rows then.
	Always bool
	// First: only the first statement of a transaction takes a snapshot.
	First bool
}
