package harness

import (
	"context"
	"errors"
)

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
	// AtBegin: about to begin a transaction, which nobody else can see.
	AtBegin
	// AtLock: about to take a lock, by itself or with a read.
	AtLock
	// AtRollback: about to take back what the transaction did.
	AtRollback
	// AtUnlock: about to give locks back that are not the transaction's.
	AtUnlock
	// AtStatement: about to run a statement of which no more is known.
	AtStatement
	// AtBlocked: what was announced last found a lock taken. It is tried again when the hook returns. Only stores that cannot be
	// asked who waits in them come here (SQLite, memory), and only in sessions that are stepped.
	AtBlocked
	// AtAnswer: what was announced last was answered. Got and Err are the answer.
	AtAnswer
)

var pointNames = [...]string{
	AtRead: "read", AtGap: "think", AtWrite: "write", AtCall: "call", AtCommit: "commit", AtBegin: "begin", AtLock: "lock",
	AtRollback: "rollback", AtUnlock: "unlock", AtStatement: "statement", AtBlocked: "blocked", AtAnswer: "answer",
}

func (p Point) String() string { return pointNames[p] }

// Action is what comes next where a Hook is called. What it holds is valid during the call.
type Action struct {
	Point
	SQL  string // the statement; empty: there is none, or the caller does not know
	Args []any  // of the statement
	// Table and Cells are what is touched: no cell where Cells is empty, all of the Table, and rows that are not there yet, where it
	// is nil, and who knows what where Table is empty as well.
	Table string
	Cells []Cell
	// Key and Values name the only row that is touched, where that is proved: a unique key and its values; empty: it is not.
	Key, Values string

	Got []int64 // the numbers in the answer
	Err error   // the refusal
}

// ErrExpired is a Hook's answer at AtBlocked where the wait is to run into its time-out: what the store said is the answer then.
var ErrExpired = errors.New("the wait for a lock took too long")

// Hook is the one yield point. Strategies and connections announce each step through it: under stress it is nil, or a
// pause that widens the race window; a scheduler decides in it who goes next. An error ends the attempt.
type Hook func(ctx context.Context, a Action) error

// At calls the hook, if there is one, with a point of which no more is to be said.
func (h Hook) At(ctx context.Context, p Point) error {
	if h == nil {
		return nil
	}
	return h(ctx, Action{Point: p})
}

// Then is the hook that calls next after h; either may be nil.
func (h Hook) Then(next Hook) Hook {
	switch {
	case h == nil:
		return next
	case next == nil:
		return h
	}
	return func(ctx context.Context, a Action) error {
		if err := h(ctx, a); err != nil {
			return err
		}
		return next(ctx, a)
	}
}
