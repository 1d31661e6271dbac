package harness

import (
	"errors"
	"math"
	"time"
)

// Outcome is what a client knows of its operation when the call returns. Only the target classifies, because only it
// knows its errors; checkers judge by the bounds acknowledged ≤ happened ≤ acknowledged + unknown.
type Outcome uint8

const (
	// Failed: certainly did not happen.
	Failed Outcome = iota
	// OK: happened, and was acknowledged.
	OK
	// Rejected: a right answer that changed nothing (sold out, insufficient funds).
	Rejected
	// Unknown: may have happened, now or later (the connection died while COMMIT was out).
	Unknown
)

var outcomeNames = [...]string{Failed: "failed", OK: "ok", Rejected: "rejected", Unknown: "unknown"}

// Outcomes is how many outcomes there are.
const Outcomes = len(outcomeNames)

func (o Outcome) String() string { return outcomeNames[o] }

// ParseOutcome is the inverse of String.
func ParseOutcome(s string) (Outcome, bool) {
	for i, n := range outcomeNames {
		if n == s {
			return Outcome(i), true
		}
	}
	return 0, false
}

// Conflict says why an attempt that failed is worth another: somebody else was faster.
type Conflict uint8

const (
	// NoConflict: trying again would not help.
	NoConflict Conflict = iota
	// Serialization: the database refused to serialize the transaction (40001, 1020, SQLITE_BUSY_SNAPSHOT).
	Serialization
	// Deadlock: chosen as a deadlock's victim (40P01, 1213).
	Deadlock
	// LockTimeout: a lock was not to be had, or not in time (55P03, 1205, 3572, SQLITE_BUSY).
	LockTimeout
	// VersionMiss: the row or slot had changed since it was read (a version compare, a swap, a unique index).
	VersionMiss
)

var conflictNames = [...]string{"none", "serialization", "deadlock", "lock-timeout", "version-miss"}

// Conflicts is how many kinds of conflict there are, NoConflict included.
const Conflicts = len(conflictNames)

func (c Conflict) String() string { return conflictNames[c] }

// Result is everything a session says about one attempt at an operation. There is no second error value. Only Outcome is a
// must, and Err with Failed and Unknown; Seen makes checks sharper: with it they name the two clients that met.
type Result struct {
	Outcome  Outcome
	Conflict Conflict      // of a Failed attempt: why it may be tried again
	Err      error         // of a Failed or Unknown attempt: what happened
	Queued   time.Duration // spent waiting for a connection before the attempt began
	Waited   time.Duration // spent waiting for locks, where the session can tell
	Seen     []Access      // what the attempt read, and what its writes found; valid until the session's next Do

	// Of a session that tries again by itself, as a client does that does not know: attempts beside the one that the rest speaks of,
	// and how many of these left their fate unknown.
	Further, Ambiguous int
}

// ErrDone is what Result.Err matches where the journal has the operation already: an earlier attempt took effect. See Env.Keyed.
var ErrDone = errors.New("the operation took effect already")

// ErrCrashed is what Result.Err matches where the client died: it can do nothing more, not even give back what it holds.
var ErrCrashed = errors.New("client crashed")

// AccessKind tells reads from writes in an Access.
type AccessKind uint8

const (
	// Reads: the operation read the cell and does not write it.
	Reads AccessKind = iota
	// Writes: the operation adds Delta to the cell; Value and Version are what its write acted upon.
	Writes
	// Checks: as Writes, but Value and Version come from an earlier look that the write did not depend on.
	Checks
	// Finds: the operation read a cell that holds no number, and found Value values there: those of the Holds behind this access.
	// NotSeen: it was to read, and no answer came.
	Finds
	// Holds: Value is one of the values that the Finds before it found, in the order in which the store answered.
	Holds
	// Sets: the operation makes Value what the register holds.
	Sets
	// Appends: the operation appends Value to the list, or inserts its row.
	Appends
)

// Changes reports whether the access is a write.
func (k AccessKind) Changes() bool { return k == Writes || k == Checks || k == Sets || k == Appends }

// Access is one cell touched by an operation: its value and version as found, before Delta. Those of cells that hold no numbers
// are in the order of the operation's steps.
type Access struct {
	Cell    Cell
	Kind    AccessKind
	Delta   int64
	Value   int64 // NotSeen where the strategy does not learn it; see Finds, Holds, Sets and Appends
	Version int64 // NotSeen where the strategy does not learn it
}

// NotSeen stands for a value or version that the client never learned.
const NotSeen = math.MinInt64

// ErrServerLost is what Result.Err matches when the server cannot be reached any more: the row ends.
var ErrServerLost = errors.New("server lost")
