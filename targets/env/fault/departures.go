package fault

import (
	"bytes"
	"net"
	"os"
	"sync"
	"time"
)

// departures are what a link's client has written. What may not pass at once is delivered later, in order, by a goroutine that there is
// from then on: as on a network, the client knows no more than that it has been sent.
type departures struct {
	out   sync.Mutex        // one Write at a time
	queue chan func() error // under way; nil until something is; under the link's mu, as what follows
	under int               // how many are under way

	writeBy deadline
	writeAt time.Time // the deadline as the client has set it; what is under way has none
}

// most is how many writes are under way at most.
const most = 64

// Write implements net.Conn.
func (k *link) Write(b []byte) (int, error) {
	k.out.Lock()
	defer k.out.Unlock()
	on := b
	if k.watch != nil {
		step := k.watch.Client(b)
		on = step.On
		k.answer(step.Back)
	}
	if !k.waits() {
		if n, err := k.Conn.Write(on); err != nil {
			return min(n, len(b)), k.whyNot(err)
		}
		return len(b), nil
	}
	on = bytes.Clone(on)
	err := k.later(func() error {
		_, err := k.Conn.Write(on)
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// waits reports whether what comes next has to wait, and counts it as under way then. The caller holds out.
func (k *link) waits() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended || k.under == 0 && k.network.gate.Load() == nil {
		return false
	}
	if k.under++; k.under == 1 {
		_ = k.Conn.SetWriteDeadline(time.Time{}) // it fails where the connection is lost
	}
	if k.queue == nil {
		k.queue = make(chan func() error, most)
		k.network.running.Go(k.deliver)
	}
	return true
}

// later hands over what waits.
func (k *link) later(do func() error) error {
	late := k.writeBy.reached()
	err := k.whyNot(nil)
	if err == nil && isClosed(late) {
		err = os.ErrDeadlineExceeded
	}
	if err == nil {
		select {
		case k.queue <- do:
			return nil
		case <-k.done:
		case <-late:
		}
		err = k.whyNot(os.ErrDeadlineExceeded)
	}
	k.arrived()
	return err
}

// laterIfRoom does so unless too much waits already.
func (k *link) laterIfRoom(do func() error) bool {
	select {
	case k.queue <- do:
		return true
	default:
		return false
	}
}

// deliver does what waits, each when it may pass.
func (k *link) deliver() {
	for {
		select {
		case do := <-k.queue:
			if !k.pass(nil) {
				return
			}
			if do() != nil {
				k.cut(true)
				return
			}
			k.arrived()
		case <-k.done:
			return
		}
	}
}

// arrived counts one off that was under way.
func (k *link) arrived() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.under--; k.under == 0 {
		_ = k.Conn.SetWriteDeadline(k.writeAt) // it fails where the connection is lost
	}
}

// SetWriteDeadline implements net.Conn.
func (k *link) SetWriteDeadline(t time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return net.ErrClosed
	}
	k.writeAt = t
	k.writeBy.set(t)
	if k.under > 0 {
		return nil
	}
	return k.Conn.SetWriteDeadline(t)
}
