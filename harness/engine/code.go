package engine

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/lastseat/lastseat/harness"
)

// Code is a Target made of functions: the way to put a program's own buy() under test.
type Code struct {
	// Reset makes the store hold start, with an empty journal: see Target.Setup.
	Reset func(ctx context.Context, start harness.State) error
	// Run makes one attempt at an operation for one client, whose number counts from 0, and says what that client knows afterwards: see
	// Session.Do, and store.Classify for errors of a database. Called concurrently, by each client for itself. One that panics leaves its
	// operation unknown, since nobody knows how far it came; the others go on, and the row ends with the *PanicError.
	Run func(ctx context.Context, client int, op *harness.Op) harness.Result
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
func (c *Code) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	return codeSession{c, opt.Client}, nil
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

type codeSession struct {
	code   *Code
	client int
}

// Do implements harness.Session.
func (s codeSession) Do(ctx context.Context, op *harness.Op) (res harness.Result) {
	defer func() {
		if v := recover(); v != nil {
			in := fmt.Sprintf("client %d, at its operation %d (%s),", s.client, harness.OpSeq(op.ID), op.Name)
			res = harness.Result{Outcome: harness.Unknown, Err: &PanicError{In: in, Value: v, At: panicLine(), Stack: debug.Stack()}}
		}
	}()
	return s.code.Run(ctx, s.client, op)
}

// Close implements harness.Session.
func (s codeSession) Close() error { return nil }
