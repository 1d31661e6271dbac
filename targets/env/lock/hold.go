package lock

import (
	"context"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// hold is a lease that a session has, and its heartbeat.
type hold struct {
	cell  harness.Cell
	lease Lease

	every time.Duration // how often it is renewed; 0: it is not
	mu    sync.Mutex
	ended bool
	timer *time.Timer // of the next renewal
}

func newHold(r *row, c harness.Cell, lease Lease) *hold {
	h := &hold{cell: c, lease: lease}
	if _, ok := lease.(renewable); ok && r.terms.renew && r.instance.design.misuse != noExpiry {
		h.every = r.terms.expiry / 4
		h.timer = time.AfterFunc(h.every, h.beat)
	}
	return h
}

// beat renews the lease, and comes again. It holds the mutex meanwhile: whoever ends the hold waits for it.
func (h *hold) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.every)
	defer cancel()
	_ = h.lease.(renewable).Renew(ctx) // whether it is still held is asked before the commit
	h.timer.Reset(h.every)
}

// abandon leaves the lease to itself.
func (h *hold) abandon() {
	if h.timer == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	h.timer.Stop()
}

func (h *hold) unlock(ctx context.Context) error {
	h.abandon()
	return h.lease.Unlock(ctx)
}
