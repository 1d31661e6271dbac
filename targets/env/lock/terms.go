package lock

import (
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// terms are how long the locks of a row live, and are waited for.
type terms struct {
	expiry time.Duration // of a lock that expires
	wait   time.Duration // for a lock, before the attempt gives up
	lasts  time.Duration // of a session without a sign of its holder
	renew  bool          // a holder renews its lock while it works, and looks before a commit whether it still has it
}

const (
	// A lock lives for much longer than an operation takes.
	longExpiry = 10 * time.Second
	// Where holders die, others are to get on; where servers die, what was left on them is to go.
	crashExpiry  = 400 * time.Millisecond
	unlockExpiry = 3 * time.Second
	// One that is shorter than the work, which is made longer than that.
	shortExpiry = 40 * time.Millisecond

	longWait  = 2 * time.Second
	crashWait = 150 * time.Millisecond
	// Where another server takes over, which takes Sentinel some two seconds, those who wait are to be still there.
	unlockWait = 6 * time.Second

	// grace is how long a lock is kept after an unknown outcome where the store cannot be asked.
	grace = 2 * time.Second
)

// termsOf is what a row's fault asks for.
func (d *design) termsOf(t store.Traits) terms {
	is := terms{expiry: longExpiry, wait: longWait, lasts: zkSession, renew: true}
	if t.Crashes {
		is.expiry, is.wait = crashExpiry, crashWait
	}
	if t.Unlocks {
		is.expiry, is.wait, is.renew = unlockExpiry, unlockWait, false
	}
	if t.Pause > 0 {
		is.expiry, is.renew = t.Pause/2, false
	}
	if t.Stops {
		is.lasts = t.Pause / 2
	}
	if d.expired() {
		is.expiry, is.renew = shortExpiry, false
	}
	return is
}
