package harness

import (
	"context"

	"github.com/lastseat/lastseat/harness/spool"
)

// SessionOptions are what components do inside a session. The zero value is a client that has the store to itself.
type SessionOptions struct {
	Client int  // its number, from 0
	Hook   Hook // called at each Point after the row's own
	// Fence is the token that the session holds; asked before an attempt's first statement. The store first takes note of it for
	// the cells of the operation (in a transaction of its own), so that from then on writes with lower ones are refused, whether or
	// not this attempt comes to write. Where Env.Fenced.
	Fence func() int64

	// Spool takes what a store in this process keeps of each operation.
	Spool *spool.Spool

	// Reader answers reads that the strategy does not protect. Where Env.Elsewhere.
	Reader Reader
	// Call asks the outside service of a step. It returns nil, or an error that wraps ErrDeclined (the service says no) or
	// ErrServiceDown (whatever else: no answer, no service). Where Env.Service; nil: Step.Answer.
	Call func(ctx context.Context, op *Op, step *Step) error
}

// Reader answers reads from somewhere else than the store: a cache, a replica. One goroutine at a time uses it.
type Reader interface {
	// Read is what the cell holds as far as the Reader knows. ok is false where it does not: the store is asked then, and Keep told.
	Read(ctx context.Context, c Cell) (value, version int64, ok bool, err error)
	// Keep is told what the store answered.
	Keep(c Cell, value, version int64)
}
