package engine

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
)

// Clients are those of a row, wherever they work: in this process they are a Share, and in others whatever Row.Clients makes. One
// goroutine calls them; Read and Halt are for any.
type Clients interface {
	// Open opens a session each. Times of what they record count from begun.
	Open(ctx context.Context, begun time.Time) error
	// Begin readies a round, and Work has the clients work in it, under ctx, until Halt is called or they have nothing more to do. What they
	// recorded is there then.
	Begin(w Work)
	Work(ctx context.Context)
	// Halt ends the round: operations under way are still answered.
	Halt()
	// Read is what all have done so far, also while they work.
	Read() *Reading
	// Tally is what they came to until the last round ended.
	Tally() *Tally
	// Recorded has the history hold what they recorded until the last round ended: logs, and the names of operations in them. Faults that were
	// made beside them are added to those that it holds.
	Recorded(h *harness.History)
	// Close closes their sessions.
	Close() error
}

// Elsewhere makes the clients of a row that work in other processes. What they record grows in the spool.
type Elsewhere func(cfg Config, keep *spool.Spool) (Clients, error)

// Work is a round.
type Work struct {
	For    time.Duration // whoever halts the round does so after this time
	WarmUp bool          // it counts for no figure
	Halted func()        // called when the round is halted, by whomever; nil: nobody asks
}

// Tally is what some clients have come to, all together.
type Tally struct {
	Accounting
	Clients  int
	Failure  error   // the first that made an operation fail and no conflict explains; nil: there was none
	Panics   int     // operations that panicked, and after which their clients went on
	Panicked error   // the first of those, a *PanicError; nil: none did
	Err      error   // why the row cannot go on: its server is gone, or something panicked; nil: it can
	CPU      float64 // the share (0 to 1) of the machine's CPU time that lastseat used while they worked; 0: not known
	Done     bool    // the operations are done, if they are bounded
	Workers  []Worker
	Figures  []store.Figure // what other processes measured around the store
}

// Worker is what one of several processes had to do with a row.
type Worker struct {
	Name      string
	Host      string // the machine's name
	Clients   int
	Processed int64         // operations that were answered
	CPU       float64       // the share (0 to 1) of the processors it may use that it used while clients ran; 0: not known
	Machine   float64       // the share (0 to 1) of its machine's CPU time that it used; 0: not known
	Late      time.Duration // by how much a timer of its own was late, in 9 of 10 cases at most
	Slack     time.Duration // how far its clock may be off
	Stalled   time.Duration // the longest time for which its records did not get through
	Saturated string        // why its figures are its own and not the target's; empty: they are the target's
	Lost      string        // when and how it fell silent; empty: it did not
	// Unseen is how many clients may have done operations that nobody knows of: their worker was lost before it said that all is sent.
	Unseen int
	// Lingers: what a lost worker left on the server may be at work still, so that what is read there says nothing.
	Lingers bool
}

// add takes in what other clients came to.
func (t *Tally) add(o *Tally) {
	t.merge(&o.Accounting)
	t.Clients += o.Clients
	t.Panics += o.Panics
	t.CPU = max(t.CPU, o.CPU)
	for _, e := range []struct{ to, from *error }{{&t.Failure, &o.Failure}, {&t.Panicked, &o.Panicked}, {&t.Err, &o.Err}} {
		if *e.to == nil {
			*e.to = *e.from
		}
	}
	t.Workers = append(t.Workers, o.Workers...)
	t.Figures = store.SumOf(t.Figures, o.Figures)
}

// TallyOf is the tally of several clients' tallies.
func TallyOf(all ...*Tally) *Tally {
	sum := &Tally{Done: true}
	for _, t := range all {
		sum.add(t)
		sum.Done = sum.Done && t.Done
	}
	return sum
}

// Unseen is how many clients may have done operations that nobody knows of.
func (t *Tally) Unseen() int {
	n := 0
	for i := range t.Workers {
		n += t.Workers[i].Unseen
	}
	return n
}
