package lock

import (
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// row is what is kept of one row: who believes to hold what, and for how long they waited.
type row struct {
	instance *instance
	terms    terms
	traits   store.Traits

	holders  []atomic.Int32 // by cell: clients that believe they hold its lock
	waiting  []atomic.Int32 // by cell: clients that wait for its lock
	overlaps atomic.Int64
	waits    atomic.Int64
	waited   atomic.Int64 // nanoseconds
}

// enter counts a client that believes it holds the cell's lock.
func (r *row) enter(c harness.Cell) {
	if r.holders[c].Add(1) > 1 {
		r.overlaps.Add(1)
	}
}

func (r *row) leave(c harness.Cell) { r.holders[c].Add(-1) }

func (r *row) wait(d time.Duration) {
	r.waits.Add(1)
	r.waited.Add(int64(d))
}

// meanWait is in milliseconds, for one lock.
func (r *row) meanWait() float64 {
	n := r.waits.Load()
	if n == 0 {
		return 0
	}
	return float64(r.waited.Load()) / float64(n) / 1e6
}
