package fault_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/env/fault"
	"github.com/lastseat/lastseat/targets/wire"
)

// inside is a Network, and a connection through it to a server that answers with what it is told.
func inside(t *testing.T, answer func(net.Conn)) (*fault.Network, net.Conn) {
	t.Helper()
	w := network(t, wire.Protocol{})
	c := dial(t, w, listen(t, answer).address)
	say(t, c, "hello")
	hear(t, c, "hello")
	return w, c
}

// TestADeadlineLosesNothing: what comes meanwhile is read later, and what was written before is delivered.
func TestADeadlineLosesNothing(t *testing.T) {
	w, c := inside(t, echo)
	release := w.Hold()
	say(t, c, "held")
	must(t, c.SetDeadline(time.Unix(1, 0))) // as drivers do whose context has ended
	if _, err := c.Write([]byte("late")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("write: %v", err)
	}
	for range 2 {
		if _, err := c.Read(make([]byte, 4)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
	}
	release()
	must(t, c.SetDeadline(time.Time{}))
	say(t, c, ", and more")
	hear(t, c, "held, and more")
}

// TestADeadlineEndsAReadAtTheGate: the answer has come, and may not pass.
func TestADeadlineEndsAReadAtTheGate(t *testing.T) {
	asked, answered := make(chan struct{}), make(chan struct{})
	w, c := inside(t, func(c net.Conn) {
		buf := make([]byte, 5)
		for range 2 {
			if _, err := io.ReadFull(c, buf); err != nil {
				return
			}
			if string(buf) == "again" {
				close(asked)
				<-answered
			}
			_, _ = c.Write(buf)
		}
	})
	say(t, c, "again")
	<-asked
	release := w.Hold()
	close(answered)
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	if _, err := c.Read(make([]byte, 5)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	must(t, c.SetReadDeadline(time.Time{}))
	release()
	hear(t, c, "again")
}

// TestCloseComesAfterWhatIsOnItsWay: the server does not learn of it while nothing passes.
func TestCloseComesAfterWhatIsOnItsWay(t *testing.T) {
	heard := make(chan string, 1)
	w, c := inside(t, func(c net.Conn) {
		buf := make([]byte, 5)
		_, _ = io.ReadFull(c, buf)
		_, _ = c.Write(buf)
		all, err := io.ReadAll(c)
		if err != nil {
			all = []byte(err.Error())
		}
		heard <- string(all)
	})
	release := w.Hold()
	say(t, c, "goodbye")
	must(t, c.Close())
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	select {
	case all := <-heard:
		t.Errorf("the server heard %q while nothing passed", all)
	default:
	}
	if n := w.Links(); n != 1 {
		t.Errorf("%d connections", n)
	}
	release()
	if all := <-heard; all != "goodbye" {
		t.Errorf("the server heard %q", all)
	}
}

// TestACutIsWhatANetworkSays: by the errors of sockets, so that drivers take it for that.
func TestACutIsWhatANetworkSays(t *testing.T) {
	for name, test := range map[string]struct {
		reset       bool
		read, write error
	}{
		"reset": {true, syscall.ECONNRESET, syscall.ECONNRESET},
		"close": {false, io.EOF, syscall.EPIPE},
	} {
		t.Run(name, func(t *testing.T) {
			w, c := inside(t, echo)
			w.Sever(nil, func() bool { return test.reset })
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, test.read) {
				t.Errorf("read: %v", err)
			}
			if _, err := c.Write([]byte("x")); !errors.Is(err, test.write) {
				t.Errorf("write: %v", err)
			}
		})
	}
}

// TestWritesWaitForRoom: what is under way is bounded.
func TestWritesWaitForRoom(t *testing.T) {
	w, c := inside(t, echo)
	defer w.Hold()()
	must(t, c.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
	for n := range 1000 {
		if _, err := c.Write([]byte("x")); errors.Is(err, os.ErrDeadlineExceeded) {
			if n == 0 {
				t.Error("nothing was taken")
			}
			return
		}
	}
	t.Error("all was taken")
}

// TestInsideNeedsNoSocketOfItsOwn: the client's connection is the one that the server has.
func TestInsideNeedsNoSocketOfItsOwn(t *testing.T) {
	peers := make(chan string, 1)
	s := listen(t, func(c net.Conn) { peers <- c.RemoteAddr().String() })
	n := fault.NewNetwork(wire.Protocol{})
	defer func() { must(t, n.Close()) }()
	c, err := n.Dial(t.Context(), "tcp", s.address)
	must(t, err)
	defer func() { _ = c.Close() }()
	if peer := <-peers; peer != c.LocalAddr().String() {
		t.Errorf("the server is connected to %s, the client is %s", peer, c.LocalAddr())
	}
}
