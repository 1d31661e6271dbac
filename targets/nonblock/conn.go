// Package nonblock reads and writes sockets that do not block by system calls of which Go's runtime is not told.
//
// Of each other system call the runtime is told, since it could block: when one takes longer than some twenty microseconds, as a write to the
// loopback does that wakes the server, the runtime gives the thread's processor to another thread, which it wakes, and the first then queues for one. Where
// client and server share the processors, that was a quarter of what a client spent (docs/performance.md). A socket that does not block
// never keeps a thread longer than the kernel's own work takes.
package nonblock

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// Conn is c with its reads and writes so. What is neither a TCP connection nor a Unix socket, or runs on a system that is not known to gain by it, stays as
// it is.
func Conn(c net.Conn) net.Conn {
	s, ok := c.(stream)
	if !ok || !raw {
		return c
	}
	r, err := s.SyscallConn()
	if err != nil {
		return c // it is closed, as its first use will say
	}
	n := &conn{Conn: c, stream: s, raw: r}
	n.in.once, n.out.once = n.in.read, n.out.write
	return n
}

// Dial is a dial whose connections are such.
func Dial(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return Conn(c), nil
	}
}

// stream is what net.TCPConn and net.UnixConn are, and no connection that is encrypted.
type stream interface {
	syscall.Conn
	CloseWrite() error
}

// conn is such a connection. The runtime waits for it as for any other, with its deadlines.
type conn struct {
	net.Conn
	stream  stream
	raw     syscall.RawConn
	in, out transfer
}

// CloseWrite is net's own.
func (c *conn) CloseWrite() error { return c.stream.CloseWrite() }

// SetLinger is net.TCPConn's; other connections do not linger.
func (c *conn) SetLinger(seconds int) error {
	if t, ok := c.stream.(*net.TCPConn); ok {
		return t.SetLinger(seconds)
	}
	return nil
}

// transfer is a Read or a Write under way.
type transfer struct {
	mu   sync.Mutex // one at a time
	once func(fd uintptr) (done bool)
	b    []byte
	n    int
	err  error
}

func (t *transfer) read(fd uintptr) bool {
	t.n, t.err = Read(int(fd), t.b)
	return t.err != syscall.EAGAIN //nolint:errorlint // a system call's own
}

func (t *transfer) write(fd uintptr) bool {
	for t.err = nil; t.n < len(t.b) && t.err == nil; {
		var n int
		n, t.err = Write(int(fd), t.b[t.n:])
		t.n += n
	}
	return t.err != syscall.EAGAIN //nolint:errorlint // as above
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	n, err := c.in.do(b, c.raw.Read)
	if err == nil && n == 0 {
		return 0, io.EOF
	}
	return n, c.say("read", err)
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	n, err := c.out.do(b, c.raw.Write)
	return n, c.say("write", err)
}

// do has b read or written as soon as the socket is ready.
func (t *transfer) do(b []byte, ready func(func(fd uintptr) bool) error) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b, t.n, t.err = b, 0, nil
	err := ready(t.once)
	t.b = nil
	if err != nil {
		return t.n, err
	}
	return t.n, t.err
}

// say has the error of a read or a write say what net's own does.
func (c *conn) say(op string, err error) error {
	if err == nil {
		return nil // what errors.As takes below lies on the heap from where it is declared
	}
	var waited *net.OpError
	var no syscall.Errno
	switch {
	case errors.As(err, &waited):
		waited.Op = op
	case errors.As(err, &no):
		return &net.OpError{Op: op, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError(op, no)}
	}
	return err
}
