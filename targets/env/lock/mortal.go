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

// replicated is a lock's server that another one takes over from.
type replicated interface {
	// cut ends replication: who takes over has no lock that is taken from here on.
	cut(ctx context.Context) error
	// takenOver waits until another one has taken over.
	takenOver(ctx context.Context) error
}

// Kill waits for a holder in the middle of its work, and for another client that waits for its lock, though not for long, and kills. Where another server takes over, its lock is one that this
// one does not have.
func (m *mortal) Kill() error {
	r, ok := m.Mortal.(replicated)
	if ok {
		if err := r.cut(context.Background()); err != nil { // which gives up by itself
			return err
		}
	}
	m.kills.begin(ok)
	return m.Mortal.Kill()
}

// Restart also lets the holders go on, once there is a server again.
func (m *mortal) Restart(ctx context.Context) error {
	defer m.kills.end()
	if r, ok := m.Mortal.(replicated); ok {
		if err := r.takenOver(ctx); err != nil {
			return err
		}
		m.kills.end()
	}
	return m.Mortal.Restart(ctx)
}

const (
	// awaitHolder bounds the wait for a holder.
	awaitHolder = 500 * time.Millisecond
	// lookEvery is how often a holder looks whether somebody waits for its lock.
	lookEvery = time.Millisecond
	// lingerMost bounds how long a holder stays, well below the time that an attempt has.
	lingerMost = 5 * time.Second
	// lingerOn is how long it stays when the server is back: others need a moment to find that out.
	lingerOn = 150 * time.Millisecond
)

// kills is the death of a lock's server, as holders see it.
type kills struct {
	mu      sync.Mutex
	begun   int           // how many there were
	late    bool          // of the last: only holders stay whose locks are later than its begin
	back    chan struct{} // closed when the server is back; nil: it is not away
	arrived chan struct{} // a holder is in the middle of its work, and another client waits for its lock
}

func (k *kills) begin(late bool) {
	k.mu.Lock()
	k.begun++
	k.late = late
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

// count is how many deaths have begun.
func (k *kills) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.begun
}

// linger keeps a holder while the server is away. It began to take its locks after so many deaths had begun; wanted says whether another client
// waits for one of them.
func (k *kills) linger(ctx context.Context, since int, wanted func() bool) error {
	k.mu.Lock()
	back, arrived := k.back, k.arrived
	early := k.late && since < k.begun
	k.mu.Unlock()
	if back == nil || early {
		return nil
	}
	most, look := time.NewTimer(lingerMost), time.NewTicker(lookEvery)
	defer most.Stop()
	defer look.Stop()
	for away := true; away; {
		if wanted() {
			select {
			case arrived <- struct{}{}:
			default:
			}
		}
		select {
		case <-back:
			away = false
		case <-most.C:
			away = false
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return harness.Sleep(ctx, lingerOn)
}
