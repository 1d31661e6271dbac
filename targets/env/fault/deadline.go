package fault

import (
	"sync"
	"time"
)

// deadline is a time until which somebody waits, and which may move meanwhile. The zero value never comes.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	past  chan struct{} // closed when the time has come; nil: nobody has asked
}

// set moves the deadline; the zero time is never.
func (d *deadline) set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() || d.past == nil || isClosed(d.past) {
		d.past = make(chan struct{}) // what the old timer closes, or has closed, is the old time's
	}
	d.timer = nil
	past := d.past
	switch left := time.Until(at); {
	case at.IsZero():
	case left <= 0:
		close(past)
	default:
		d.timer = time.AfterFunc(left, func() { close(past) })
	}
}

// reached is closed when the time has come, also one that is set during the wait. It is asked for anew for each.
func (d *deadline) reached() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.past == nil {
		d.past = make(chan struct{})
	}
	return d.past
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
