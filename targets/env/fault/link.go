package fault

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/lastseat/lastseat/targets/nonblock"
	"github.com/lastseat/lastseat/targets/wire"
)

// link is a connection through a Network: the one to the server, with what faults do to it in its Read and Write. While nothing is broken
// it adds neither a copy nor a goroutine.
type link struct {
	net.Conn // to the server
	network  *Network
	watch    *wire.Conn // nil: nobody looks for commits
	done     chan struct{}
	reset    bool // how it was cut; to be read when done is closed
	arrivals
	departures

	mu     sync.Mutex
	ended  bool // done is closed
	closed bool // by the client
}

// connect makes the connection to the server.
func (k *link) connect(ctx context.Context, network, address string) error {
	if !k.pass(ctx.Done()) {
		return k.why(ctx.Err())
	}
	var d net.Dialer
	server, err := d.DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	if k.network.protocol.Known() {
		k.watch = k.network.protocol.NewConn(wire.Options{CommitsOnly: true})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		_ = server.Close() // nothing was said on it
		return errReset
	}
	k.Conn = nonblock.Conn(server)
	return nil
}

// What a client meets on a connection that was cut.
var (
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	errPipe  = &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
)

// why is the error that a read ends with: err, unless the link has ended.
func (k *link) why(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.closed:
		return net.ErrClosed
	case k.ended && k.reset:
		return errReset
	case k.ended:
		return io.EOF
	}
	return err
}

// whyNot is the same for a write.
func (k *link) whyNot(err error) error {
	if err = k.why(err); errors.Is(err, io.EOF) {
		return errPipe
	}
	return err
}

// SetDeadline implements net.Conn.
func (k *link) SetDeadline(t time.Time) error {
	return errors.Join(k.SetReadDeadline(t), k.SetWriteDeadline(t))
}

// Close implements net.Conn. The server sees it after what is on its way, unless a Write is under way.
func (k *link) Close() error {
	k.mu.Lock()
	again := k.closed
	k.closed = true
	k.mu.Unlock()
	if again {
		return net.ErrClosed
	}
	k.wake()
	if !k.out.TryLock() {
		k.cut(false)
		return nil
	}
	defer k.out.Unlock()
	if !k.waits() || !k.laterIfRoom(func() error { k.cut(false); return nil }) {
		k.cut(false)
	}
	return nil
}

// socket is a connection that can be reset.
type socket interface{ SetLinger(seconds int) error }

// cut ends the link on both sides, by a reset or by a close. What is on the way is lost.
func (k *link) cut(reset bool) {
	defer k.network.remove(k)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	k.ended, k.reset = true, reset
	close(k.done)
	if k.Conn == nil {
		return
	}
	if t, ok := k.Conn.(socket); ok && reset {
		_ = t.SetLinger(0) // it fails where the connection is lost anyway
	}
	_ = k.Conn.Close() // so does this
}
