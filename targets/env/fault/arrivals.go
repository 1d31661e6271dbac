package fault

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/lastseat/lastseat/targets/wire"
)

// arrivals are what a link's client is to read.
type arrivals struct {
	in     sync.Mutex // one Read at a time
	held   []byte     // came, and has not passed the gate or did not fit
	failed error      // what comes after it

	readBy deadline
	readAt time.Time // the deadline as the client has set it; under the link's mu
	back   []byte    // what the watch answers in the server's place; under the link's mu
}

// longAgo is a deadline that has a Read return.
var longAgo = time.Unix(1, 0)

// Read implements net.Conn.
func (k *link) Read(b []byte) (int, error) {
	k.in.Lock()
	defer k.in.Unlock()
	if !k.holds() {
		if n, err := k.receive(b); !k.holds() {
			return n, err
		}
	}
	if !k.pass(k.readBy.reached()) {
		return 0, k.why(os.ErrDeadlineExceeded)
	}
	n := copy(b, k.held)
	if k.held = k.held[n:]; n == 0 {
		return 0, k.failed
	}
	return n, nil
}

func (k *link) holds() bool { return len(k.held) > 0 || k.failed != nil }

// receive reads from the server. It holds what may not pass at once, and answers nothing then.
func (k *link) receive(b []byte) (int, error) {
	if k.held = k.takeBack(); k.holds() {
		return 0, nil
	}
	n, err := k.Conn.Read(b)
	on := b[:n]
	if n > 0 && k.watch != nil {
		step := k.watch.Server(on)
		on = step.On
		if k.struck(commits(step.Events)) {
			return 0, k.why(nil)
		}
	}
	if err != nil {
		err = k.why(err)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		k.held = k.takeBack()
		return 0, err
	}
	if len(on) <= len(b) && k.network.gate.Load() == nil {
		return copy(b, on), err
	}
	k.held, k.failed = bytes.Clone(on), err
	return 0, nil
}

// answer has the client read b before anything else, also if it reads already.
func (k *link) answer(b []byte) {
	if len(b) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.back = append(k.back, b...)
	_ = k.Conn.SetReadDeadline(longAgo) // it fails where the connection is lost
}

func (k *link) takeBack() []byte {
	if k.watch == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	back := k.back
	if k.back = nil; back != nil && !k.closed {
		_ = k.Conn.SetReadDeadline(k.readAt) // as above
	}
	return back
}

// SetReadDeadline implements net.Conn.
func (k *link) SetReadDeadline(t time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return net.ErrClosed
	}
	k.readAt = t
	k.readBy.set(t)
	if k.back != nil {
		return nil // until it is read
	}
	return k.Conn.SetReadDeadline(t)
}

// wake has a Read return.
func (k *link) wake() {
	k.readBy.set(longAgo)
	_ = k.Conn.SetReadDeadline(longAgo) // it fails where the connection is lost
}

// commits is how many commits the answers acknowledge: the client does not know of those before it has all of the bytes.
func commits(events []wire.Event) (n int) {
	for _, e := range events {
		if e.Answer != nil && e.Answer.Commit {
			n++
		}
	}
	return n
}

// struck cuts the link if one of so many commits is to be cut off.
func (k *link) struck(commits int) bool {
	c := k.network.cutter.Load()
	if c == nil || commits == 0 {
		return false
	}
	hit, reset := c.strikes(commits)
	if hit {
		k.network.struck.Add(1) // before the client knows
		k.cut(reset)
	}
	return hit
}
