package nonblock

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/nettest"
)

// pair is both ends of a TCP connection, as the kernel has them.
func pair(tb testing.TB) (client, server *net.TCPConn) {
	tb.Helper()
	c, s := ends(tb, "tcp", "127.0.0.1:0")
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// ends are both ends of a connection.
func ends(tb testing.TB, network, address string) (client, server net.Conn) {
	tb.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := net.Dial(network, l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = c.Close(), s.Close() })
	return c, s
}

// TestConn: it does all that connections do: deadlines, also those that pass during a call, calls side by side, and a Close meanwhile.
func TestConn(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				address := "127.0.0.1:0"
				if network == "unix" {
					address = filepath.Join(t.TempDir(), "s")
				}
				c, s := ends(t, network, address)
				if c1, c2 = Conn(c), Conn(s); c1 == c && raw {
					return nil, nil, nil, errors.New("the connection stayed as it is")
				}
				return c1, c2, func() { _, _ = c1.Close(), c2.Close() }, nil
			})
		})
	}
}

// TestNoAllocations: a statement is a Write and a Read, and neither allocates.
func TestNoAllocations(t *testing.T) {
	client, server := pair(t)
	c, s, b := Conn(client), Conn(server), make([]byte, 10)
	if n := testing.AllocsPerRun(100, func() {
		for _, do := range []func([]byte) (int, error){c.Write, s.Read} {
			if n, err := do(b); n != len(b) || err != nil {
				t.Fatal(n, err)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestMoreThanTheKernelHolds: a Write waits for the room that it lacks, and a deadline ends the wait; it says how much went out.
func TestMoreThanTheKernelHolds(t *testing.T) {
	client, server := pair(t)
	c, sent := Conn(client), bytes.Repeat([]byte("0123456789"), 4<<20)
	var came []byte
	var reading sync.WaitGroup
	reading.Go(func() { came, _ = io.ReadAll(server) })
	if n, err := c.Write(sent); n != len(sent) || err != nil {
		t.Fatalf("%d of %d bytes: %v", n, len(sent), err)
	}
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if reading.Wait(); !bytes.Equal(came, sent) {
		t.Errorf("%d bytes came of %d, or others", len(came), len(sent))
	}

	client, _ = pair(t) // nobody reads
	c = Conn(client)
	if err := c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Write(sent); n == 0 || n == len(sent) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d of %d bytes: %v", n, len(sent), err)
	}
}

// TestErrorsAreThoseOfNet: what ends a connection is told as net tells it, since outcomes go by it.
func TestErrorsAreThoseOfNet(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(client net.Conn, server *net.TCPConn) error
		want error
	}{
		"the server closes": {func(_ net.Conn, s *net.TCPConn) error { return s.Close() }, io.EOF},
		"the server resets": {func(_ net.Conn, s *net.TCPConn) error { return errors.Join(s.SetLinger(0), s.Close()) }, syscall.ECONNRESET},
		"a deadline passes": {func(c net.Conn, _ *net.TCPConn) error { return c.SetReadDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		"its own Close":     {func(c net.Conn, _ *net.TCPConn) error { return c.Close() }, net.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			said := map[bool]string{}
			for _, plain := range []bool{true, false} {
				client, server := pair(t)
				ours := net.Conn(client)
				if !plain {
					ours = Conn(client)
				}
				if err := c.end(ours, server); err != nil {
					t.Fatal(err)
				}
				n, err := ours.Read(make([]byte, 10))
				if n != 0 || !errors.Is(err, c.want) {
					t.Errorf("plain: %v: read %d bytes: %v", plain, n, err)
				}
				var op *net.OpError
				if said[plain] = "as it is: " + err.Error(); errors.As(err, &op) {
					said[plain] = op.Op + " " + op.Net + ": " + op.Err.Error()
				}
			}
			if said[true] != said[false] {
				t.Errorf("net says %q, this %q", said[true], said[false])
			}
		})
	}
}
