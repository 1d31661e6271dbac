package lock

import (
	"context"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// mortal is a lock's server whose death comes while somebody works under its locks: those who are between their last read and
// their first write then stay there until it is back, and a little longer. Without them, locks would be given back before the
// server is there to take them again, and what it forgets would do no harm that could be seen.
type mortal struct {
	store.Mortal
	kills *kills
}

// Kill waits for a holder in the middle of its work, though not for long, and kills.
func (m *mortal) Kill() error {
	m.kills.begin()
	return m.Mortal.Kill()
}

// Restart also lets the holders go on.
func (m *mortal) Restart(ctx context.Context) error {
	defer m.kills.end()
	return m.Mortal.Restart(ctx)
}

const (
	// awaitHolder bounds the wait for a holder.
	awaitHolder = 300 * time.Millisecond
	// lingerMost bounds how long a holder stays, well below the time that an attempt has.
	lingerMost = 5 * time.Second
	// lingerOn is how long it stays when the server is back: others need a moment to find that out.
	lingerOn = 150 * time.Millisecond
)

// kills is the death of a lock's server, as holders see it.
type kills struct {
	mu      sync.Mutex
	back    chan struct{} // closed when the server is back; nil: it is not away
	arrived chan struct{} // a holder is in the middle of its work
}

func (k *kills) begin() {
	k.mu.Lock()
	k.back, k.arrived = make(chan struct{}), make(chan struct{}, 1)
	arrived := k.arrived
	k.mu.Unlock()
	select {
	case <-arrived:
	case <-time.After(awaitHolder):
	}
}

func (k *kills) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.back != nil {
		close(k.back)
		k.back = nil
	}
}

// linger keeps a holder while the server is away.
func (k *kills) linger(ctx context.Context) error {
	k.mu.Lock()
	back, arrived := k.back, k.arrived
	k.mu.Unlock()
	if back == nil {
		return nil
	}
	select {
	case arrived <- struct{}{}:
	default:
	}
	most := time.NewTimer(lingerMost)
	defer most.Stop()
	select {
	case <-back:
	case <-most.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return harness.Sleep(ctx, lingerOn)
}
