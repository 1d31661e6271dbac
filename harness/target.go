package harness

import (
	"context"
	"math/rand/v2"
)

// Target is a store under one strategy at one isolation level: one row of the table.
type Target interface {
	// Setup makes the store hold start, in tables of its own. Nothing of the user's is touched.
	Setup(ctx context.Context, start State) error
	// Session opens one client.
	Session(ctx context.Context) (Session, error)
	// Snapshot reads the cells and the journal. Every operation has been answered, and no session is at work; but what was
	// answered Unknown may still be under way on a server, and Snapshot waits until nothing of this row is.
	Snapshot(ctx context.Context) (State, error)
	// Close removes what Setup made.
	Close() error
}

// Session is one client of a Target, used by one goroutine at a time.
type Session interface {
	// Do makes one attempt at op. The engine retries, backs off and counts. op is valid only during the call.
	Do(ctx context.Context, op *Op) Result
	Close() error
}

// LockWaits is an optional capability of a Target whose server can be asked how many of the row's sessions wait for a
// lock at this moment.
type LockWaits interface {
	LockWaits(ctx context.Context) (int, error)
}

// InProcess is an optional capability of a Target that runs in this process and cannot hang: no per-operation timeout is
// armed for it, because that would cost more than the operation.
type InProcess interface{ InProcess() bool }

// Workload says what clients do and what must hold afterwards.
type Workload interface {
	Name() string
	// Init is the state every run starts from.
	Init() State
	// Client is the operations of one client. The same r and the same results give the same operations.
	Client(id int, r *rand.Rand) Client
	// Checks are the invariants.
	Checks() []Checker
	// Samples holds one operation of each shape that clients send; promises are derived from them.
	Samples() []Op
}

// Client draws the operations of one client, one after the other.
type Client interface {
	// Next is the operation to do after last, which answered the previous operation (zero at first). The engine fills in
	// Op.ID. The result is valid until the next call.
	Next(last Answer) *Op
}

// Answer tells a Client how its previous operation ended.
type Answer struct {
	Op      int64 // its ID; 0 before the first operation
	Outcome Outcome
}

// Point is where a strategy or a connection is when it calls its Hook.
type Point uint8

const (
	// AtRead: about to read.
	AtRead Point = iota
	// AtGap: between the last read and the first write, with whatever locks the strategy holds.
	AtGap
	// AtWrite: about to write.
	AtWrite
	// AtCall: about to call an outside service, with whatever locks the strategy holds.
	AtCall
	// AtCommit: about to commit.
	AtCommit
)

// Hook is the one yield point. Strategies and connections announce each step through it: under stress it is nil, or a
// pause that widens the race window; a scheduler decides in it who goes next. An error ends the attempt.
type Hook func(ctx context.Context, p Point) error

// At calls the hook if there is one.
func (h Hook) At(ctx context.Context, p Point) error {
	if h == nil {
		return nil
	}
	return h(ctx, p)
}
