package reads

import (
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// shelf is the cache of one application server, by cell.
type shelf []atomic.Pointer[entry]

// entry is what a cell held at a moment, as the server knows.
type entry struct {
	value, version int64
	at             time.Time
}

func (e *entry) fresh(now time.Time) bool { return e != nil && now.Sub(e.at) <= timeToLive }

// get is the cell's entry; nil: there is none that is young enough.
func (s shelf) get(c harness.Cell, now time.Time) *entry {
	if e := s[c].Load(); e.fresh(now) {
		return e
	}
	return nil
}

// put keeps an entry, unless there is one of a later version: clients of one server overtake each other.
func (s shelf) put(c harness.Cell, e *entry) {
	for {
		old := s[c].Load()
		if old.fresh(e.at) && old.version > e.version || s[c].CompareAndSwap(old, e) {
			return
		}
	}
}

func (s shelf) drop(c harness.Cell) { s[c].Store(nil) }
