package engine

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// Code is a Target made of functions: the way to put a program's own buy() under test.
type Code struct {
	// Reset makes the store hold start, with an empty journal: see Target.Setup.
	Reset func(ctx context.Context, start harness.State) error
	// Run makes one attempt at an operation for one client, and says what that client knows afterwards: see Session.Do. Called
	// concurrently.
	Run func(ctx context.Context, op *harness.Op) harness.Result
	// Read fills in what the store holds when no client is at work: Values, and Entries, one for each write acknowledged. Both
	// are the caller's to keep: give it copies. Set Versions only if the store has them.
	Read func(ctx context.Context, final *harness.State) error
	// NoJournal: the store keeps no entries under the operations' ids, and Read fills in Values only. The row is judged by what
	// clients were told and by what the cells hold in the end: what only a journal shows (which acknowledged operation is missing,
	// or there twice) is not checked, and the report says so.
	NoJournal bool

	start harness.State
}

// Setup resets the store.
func (c *Code) Setup(ctx context.Context, start harness.State) error {
	c.start = start.Clone()
	return c.Reset(ctx, start)
}

// Session is a client that calls Run.
func (c *Code) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	return codeSession{c}, nil
}

// Snapshot reads the store.
func (c *Code) Snapshot(ctx context.Context) (harness.State, error) {
	final := c.start.Clone()
	final.Versions = nil
	err := c.Read(ctx, &final)
	return final, err
}

// Journalless reports whether the store keeps no journal.
func (c *Code) Journalless() bool { return c.NoJournal }

// Close has nothing to remove.
func (c *Code) Close() error { return nil }

type codeSession struct{ c *Code }

func (s codeSession) Do(ctx context.Context, op *harness.Op) harness.Result { return s.c.Run(ctx, op) }
func (s codeSession) Close() error                                          { return nil }
