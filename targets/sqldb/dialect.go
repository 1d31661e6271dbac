// Package sqldb holds the strategies, written once for all SQL engines. An engine supplies a Dialect (its words) and a way
// to Connect (a Conn); out comes a store.Server whose rows are strategies at levels. No strategy names an engine: where one
// would have to, the Dialect lacks a field.
//
// Start at Strategy and at attempt, the small set of moves that strategies are made of (go doc -u ./targets/sqldb attempt). An
// attempt is one try at an operation on one connection:
//
//   - tx runs its body in a transaction; a body that returns an error is rolled back.
//   - read reads cells, by the statement that plainRead, lockedRead or noWaitRead picks. What was read is what the client saw.
//   - decide carries the operation out on what was read: errRejected where a guard forbids it, then the pause of --gap.
//   - set writes what decide computed, add adds without looking, write is any UPDATE of one cell: in cell order, so that two
//     operations do not wait for each other, and with the Calls that are due on the way.
//   - journal ends the writes: an entry for each, and the Calls that come after them.
//   - carryOut is a step over a cell that holds no number, by the one statement that there is for it.
//
// Any error may be returned as it is: the session tells conflicts, refusals and lost connections apart by the Dialect.
// docs/extending.md has a whole strategy.
package sqldb

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Dialect is how an engine says things. An empty field means that the engine does not offer it.
type Dialect struct {
	Numbered bool // placeholders are $1, $2 rather than ?

	Begin     string // starts a transaction
	BeginLock string // starts one that holds the whole database's write lock: for engines without row locks
	ForUpdate string // suffix of a SELECT that locks its rows
	NoWait    string // the same, failing at once where it would have to wait

	// Concat is the expression that joins three texts, each a %s in it.
	Concat string

	// Returning: UPDATE … RETURNING is to be had. Otherwise the version that a write produced comes back as the generated
	// ID: version = LAST_INSERT_ID(version + 1).
	Returning bool
	// DerivedGuard: an UPDATE's subquery may read the updated table only from inside a derived table. It is no mere detail:
	// MariaDB at read committed locks what a direct subquery reads, and does not lock what a derived table reads.
	DerivedGuard bool
	// WritesInWith: a WITH clause may contain UPDATEs, so that one statement does a whole operation.
	WritesInWith bool

	// AdvisoryLock takes a lock of the session's own choosing and answers 1, or 0 after waiting in vain. Its arguments are
	// the run's key and the cell. AdvisoryUnlock releases all of the session's. AdvisoryLate is released by the
	// transaction's end.
	AdvisoryLock, AdvisoryUnlock, AdvisoryLate string
	// LockName is what AdvisoryLock calls the lock of a run's cell; nil: Waits does not need it.
	LockName func(key int32, cell harness.Cell) string

	// SetLevel sets the session's isolation level; ShowLevel reads it back.
	SetLevel  func(harness.Level) string
	ShowLevel string

	// GhostRows: a deleted row is in the way of an equal one until the server has purged it, at a time of its own choosing.
	GhostRows bool
	// ReadsLock: at serializable, a SELECT in a transaction locks what it reads.
	ReadsLock bool
	// Waits are who of the sessions with these ids waits for a lock, and for whom, from what the server knows at this moment; asked has the names of
	// the advisory locks that they have asked for last. Nil: the engine cannot be asked, and its connections say themselves where they wait.
	Waits func(ctx context.Context, monitor Conn, ids []int64, asked map[int64]string) ([]Wait, error)
	// Resolves is how long sessions may be seen waiting for each other before the server is taken not to mind; 0: it always refuses
	// one of them.
	Resolves time.Duration

	// End ends another session of the run's; nil where Sessions is empty.
	End func(ctx context.Context, monitor Conn, id int64) error
	// Kill ends another session, whose id is a %d in it; empty: a session ends with its connection.
	Kill string

	// Sessions lists the run's other sessions: id, and 1 if the session is at work or in a transaction. LockWaits counts
	// those that wait for a lock. Empty: the engine has no sessions to list.
	Sessions, LockWaits string

	Classify func(error) Class
	// Code is the server's own code for an error; empty: the server did not answer.
	Code func(error) string
}

// answered reports whether an error is the server's own answer, which it gave without going away.
func (d *Dialect) answered(err error) bool {
	return d.Code != nil && d.Code(err) != "" && !d.Classify(err).Lost
}

// Class is what an error means.
type Class struct {
	Conflict harness.Conflict // another attempt may succeed
	Rejected bool             // a constraint refused: a right answer
	Lost     bool             // the connection died, or the statement's fate is unknown
}

// Conn is one connection. Results are valid until the next call.
type Conn interface {
	// Query answers the rows of a statement, all columns integers, row after row in one slice.
	Query(ctx context.Context, sql string, args ...any) ([]int64, error)
	// List answers the whole numbers that the texts in a statement's only column hold, with commas between them.
	List(ctx context.Context, sql string, args ...any) ([]int64, error)
	// Exec runs a statement without rows.
	Exec(ctx context.Context, sql string, args ...any) (Done, error)
	// Show runs any statement as plain text, and answers all of its columns as text. Drivers of MySQL take several statements, with
	// semicolons between them, and answer the rows of all.
	Show(ctx context.Context, sql string) (store.Reply, error)
	// Text answers the first column of a statement's first row as text.
	Text(ctx context.Context, sql string) (string, error)
	// Commit fails where the server answers a COMMIT by rolling back.
	Commit(ctx context.Context) error
	// ID is the server's own number for the session.
	ID() int64
	// Waited is how long the connection has waited for locks since the last call, where it can tell.
	Waited() time.Duration
	// Dead reports whether the connection cannot be used again.
	Dead() bool
	Close() error
}

// Done is what a statement without rows did.
type Done struct{ Rows, Generated int64 }

// AppendList appends to list the whole numbers in text, which are separated by commas. What is between two commas, or before the
// first, may be missing.
func AppendList(list []int64, text []byte) ([]int64, error) {
	for len(text) > 0 {
		var part []byte
		part, text, _ = bytes.Cut(text, []byte{','})
		if len(part) == 0 {
			continue
		}
		n, err := strconv.ParseInt(string(part), 10, 64)
		if err != nil {
			return list, fmt.Errorf("a list holds %q, not a whole number", part)
		}
		list = append(list, n)
	}
	return list, nil
}

// places writes a statement's ? as the dialect's placeholders.
func (d *Dialect) places(sql string) string {
	if !d.Numbered {
		return sql
	}
	var b strings.Builder
	n := 0
	for _, part := range strings.SplitAfter(sql, "?") {
		if strings.HasSuffix(part, "?") {
			n++
			part = part[:len(part)-1] + "$" + strconv.Itoa(n)
		}
		b.WriteString(part)
	}
	return b.String()
}
