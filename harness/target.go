package harness

import (
	"context"
	"math/rand/v2"
)

// Target is a store under one strategy at one isolation level: one row of the table. Run calls Setup, then Session once for
// each client, then, while no session is at work, Snapshot as often as it wants to know how the row stands; it closes the
// sessions. Close is for whoever made the target.
type Target interface {
	// Setup makes the store hold start, in tables of its own, with an empty journal and all versions 0. Nothing of the user's
	// is touched. It may be called again, after a run that ended in any way: nothing of that is left then. start is the
	// target's to keep.
	Setup(ctx context.Context, start State) error
	// Session opens one client. It is called from one goroutine, and may not wait for another session to be closed. An error
	// ends the row.
	Session(ctx context.Context, opt SessionOptions) (Session, error)
	// Snapshot reads the cells and the journal: State's Values, Entries and, if the store keeps them, Versions; the rest as
	// Setup had it. Every operation has been answered, and no session is at work; but what was answered Unknown may still be
	// under way on a server, and Snapshot waits until nothing of this row is. The State is the caller's to keep.
	Snapshot(ctx context.Context) (State, error)
	// Close removes what Setup made.
	Close() error
}

// Session is one client of a Target. One goroutine at a time uses it, while others use the other sessions.
type Session interface {
	// Do makes one attempt at op and says what the client knows then; it neither retries nor waits before one. The engine does
	// that, and counts. op's steps happen together or not at all, as far as the code under test can see to that, and end as
	// Apply has it (ApplyContents where cells hold no numbers):
	//
	//   - OK: all steps were carried out and acknowledged; each Add has its Entry in the journal. What Reads of cells without
	//     numbers found is in Seen, step by step: without it there is nothing to judge.
	//   - Rejected: a Guard does not allow it, or a Call declines. Nothing of it stays. Read-only operations are never rejected.
	//   - Failed: it certainly did not happen and never will, with the reason in Err. A Conflict says that another attempt is
	//     worth it (after a Write or an Append that another operation is: their values are never written again). Where a Call's
	//     service is down, Err is that of Step.Answer and there is none.
	//   - Unknown: it may have happened, wholly or in part, or may yet: the connection died, or the time was up, after a write
	//     that commits or a COMMIT had been sent. Err says why. In doubt it is this one.
	//
	// ctx ends when Config.Timeout is over; then Do returns soon. Err wraps ErrServerLost once no attempt can succeed any more.
	// op is valid only during the call, and not to be changed; its ID is what a journal is kept by, the same at every attempt.
	Do(ctx context.Context, op *Op) Result
	// Close ends the client. It is called once, when no operation is under way.
	Close() error
}

// Workload says what clients do and what must hold afterwards. It knows no store, and keeps nothing of a run: its Clients do.
type Workload interface {
	// Name is the word that the command line, labels and histories have for it.
	Name() string
	// Init is the state every run starts from: a State of its own at each call.
	Init() State
	// Client is the operations of one client, whose id counts from 0. All chance comes from r: the same r and the same answers
	// give the same operations. The Clients of a run are used at the same time, and share nothing that changes.
	Client(id int, r *rand.Rand) Client
	// Checks are the invariants, in the order in which they are shown.
	Checks() []Checker
	// Samples holds one operation of each shape that clients send; promises are derived from them.
	Samples() []Op
}

// Client draws the operations of one client, one after the other, for as long as the engine asks. What they add up to should
// stay where clients meet: a shop that is sold out for good tests nothing, so orders are cancelled as well.
type Client interface {
	// Next is the operation to do after last, which answered the previous operation (zero at first). The engine fills in
	// Op.ID. The result is valid until the next call, so that one Op can serve for all.
	//
	// An operation that was answered Unknown may have happened: what it may have bought must not be cancelled, nor what it
	// may have cancelled once more. Op.Undoes names only operations of this client that were answered OK.
	Next(last Answer) *Op
}

// Answer tells a Client how its previous operation ended.
type Answer struct {
	Op      int64 // its ID; 0 before the first operation
	Outcome Outcome
	Seen    []Access // what it saw: Result.Seen; valid until Next returns
}
