package reads

import (
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// shelf is the cache of one application server, by cell.
type shelf []atomic.Pointer[entry]

// entry is what a cell held at a moment, as the server knows; or, in doubt, that it does not: a write of its own may yet land.
type entry struct {
	value, version int64
	at             time.Time
	doubt          bool
}

// doubtFor is how long a cell is not kept after a write whose fate is unknown: longer than one may be under way.
const doubtFor = time.Second

func (e *entry) fresh(now time.Time) bool {
	if e == nil {
		return false
	}
	if e.doubt {
		return now.Sub(e.at) <= doubtFor
	}
	return now.Sub(e.at) <= timeToLive
}

// get is the cell's entry; nil: there is none that is young enough.
func (s shelf) get(c harness.Cell, now time.Time) *entry {
	if e := s[c].Load(); e.fresh(now) && !e.doubt {
		return e
	}
	return nil
}

// put keeps an entry, unless there is one of a later version, as clients of one server overtake each other, or a doubt.
func (s shelf) put(c harness.Cell, e *entry) {
	for {
		old := s[c].Load()
		if old.fresh(e.at) && (old.doubt || old.version > e.version) || s[c].CompareAndSwap(old, e) {
			return
		}
	}
}

// drop forgets the cell, doubts excepted.
func (s shelf) drop(c harness.Cell) {
	if old := s[c].Load(); old != nil && !old.doubt {
		s[c].CompareAndSwap(old, nil) // or somebody else knows better by now
	}
}

// doubt has the cell not kept for a while.
func (s shelf) doubt(c harness.Cell) { s[c].Store(&entry{at: time.Now(), doubt: true}) }
