package fault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/targets/env/fault"
	"github.com/lastseat/lastseat/targets/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer is a server that answers each connection by a function of the test's.
type peer struct {
	address string
	running sync.WaitGroup
}

func listen(t testing.TB, answer func(c net.Conn)) *peer {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{address: l.Addr().String()}
	p.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() {
				defer func() { _ = c.Close() }()
				answer(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.running.Wait()
	})
	return p
}

func echo(c net.Conn) { _, _ = io.Copy(c, c) }

// network is one that is closed at the end.
func network(t *testing.T, protocol wire.Protocol) *fault.Network {
	t.Helper()
	n := fault.NewNetwork(protocol)
	t.Cleanup(func() { must(t, n.Close()) })
	return n
}

func dial(t testing.TB, n *fault.Network, address string) net.Conn {
	t.Helper()
	c, err := n.Dial(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func say(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t testing.TB, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("heard %q, %v; want %q", got, err, want)
	}
}

// silent holds that a connection ends without another byte.
func silent(t testing.TB, c net.Conn) {
	t.Helper()
	n, err := c.Read(make([]byte, 1))
	var late net.Error
	if n > 0 || err == nil || errors.As(err, &late) && late.Timeout() {
		t.Fatalf("%d bytes, %v; want the end", n, err)
	}
}

func TestNoServer(t *testing.T) {
	p := network(t, wire.Protocol{})
	s := listen(t, echo)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if c, err := p.Dial(t.Context(), "tcp", nobody); err == nil { // the reset may come in time, or later
		silent(t, c)
		_ = c.Close()
	}
	c := dial(t, p, s.address)
	say(t, c, "still")
	hear(t, c, "still")
}

func TestMuchPassesBothWays(t *testing.T) {
	p := network(t, wire.Protocol{})
	c := dial(t, p, listen(t, echo).address)
	much := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	written := make(chan error, 1)
	go func() {
		_, err := c.Write(much)
		written <- err
	}()
	hear(t, c, string(much))
	must(t, <-written)
}

func TestSeverCutsBothSides(t *testing.T) {
	p := network(t, wire.Protocol{})
	for name, reset := range map[string]bool{"reset": true, "close": false} {
		t.Run(name, func(t *testing.T) {
			ends := make(chan error, 2)
			s := listen(t, func(c net.Conn) {
				_, err := io.Copy(c, c)
				ends <- err
			})
			a, b := dial(t, p, s.address), dial(t, p, s.address)
			for _, c := range []net.Conn{a, b} {
				say(t, c, "hello")
				hear(t, c, "hello")
			}
			first := true
			one := func() bool { defer func() { first = false }(); return first }
			if n := p.Sever(one, func() bool { return reset }); n != 1 {
				t.Fatalf("%d cut", n)
			}
			if err := <-ends; (err != nil) != reset {
				t.Errorf("the server met %v", err)
			}
			if n := p.Sever(nil, nil); n > 2 { // the first may still be counted
				t.Fatalf("%d cut", n)
			}
			silent(t, a)
			silent(t, b)
		})
	}
}

func TestHoldLetsAllThroughAfterwards(t *testing.T) {
	p := network(t, wire.Protocol{})
	var heard atomic.Int64
	s := listen(t, func(c net.Conn) {
		buf := make([]byte, 64)
		for {
			n, err := c.Read(buf)
			heard.Add(int64(n))
			if err != nil {
				return
			}
			if _, err := c.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	c := dial(t, p, s.address)
	say(t, c, "a")
	hear(t, c, "a")
	release := p.Hold()
	say(t, c, "bc")
	late := make(chan net.Conn)
	go func() { // a connection, too, may wait
		l, err := p.Dial(context.Background(), "tcp", s.address)
		if err == nil {
			_, err = io.WriteString(l, "x")
		}
		if err != nil {
			t.Error(err)
		}
		late <- l
	}()
	say(t, c, "de")
	time.Sleep(50 * time.Millisecond) // a wrong one has time to let something through
	if n := heard.Load(); n != 1 {
		t.Errorf("the server heard %d bytes", n)
	}
	release()
	hear(t, c, "bcde")
	if l := <-late; l != nil {
		hear(t, l, "x")
		_ = l.Close()
	}
}

func TestPartitionThrowsAwayWhatItHeld(t *testing.T) {
	p := network(t, wire.Protocol{})
	var mu sync.Mutex
	var heard bytes.Buffer
	s := listen(t, func(c net.Conn) {
		buf := make([]byte, 64)
		for {
			n, err := c.Read(buf)
			mu.Lock()
			heard.Write(buf[:n])
			mu.Unlock()
			if err != nil {
				return
			}
			if _, err := c.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	c := dial(t, p, s.address)
	say(t, c, "before.")
	hear(t, c, "before.")
	heal := p.Partition()
	say(t, c, "lost.")
	late := make(chan error)
	go func() { // a connection, too, may wait
		l, err := p.Dial(context.Background(), "tcp", s.address)
		if err == nil {
			_, _ = io.WriteString(l, "lost too.")
			_, err = l.Read(make([]byte, 1))
			_ = l.Close()
		}
		late <- err
	}()
	for p.Links() < 2 { // until both are known
		time.Sleep(time.Millisecond)
	}
	heal()
	silent(t, c)
	if err := <-late; err == nil {
		t.Error("a connection that was asked for meanwhile was answered")
	}
	after := dial(t, p, s.address)
	say(t, after, "after.")
	hear(t, after, "after.")
	mu.Lock()
	defer mu.Unlock()
	if got := heard.String(); got != "before.after." {
		t.Errorf("the server heard %q", got)
	}
}

func TestDelay(t *testing.T) {
	p := network(t, wire.Protocol{})
	c := dial(t, p, listen(t, echo).address)
	const d = 20 * time.Millisecond
	p.Delay(d)
	from := time.Now()
	say(t, c, "slow")
	hear(t, c, "slow")
	if took := time.Since(from); took < 2*d {
		t.Errorf("there and back in %v", took)
	}
	p.Delay(0)
	say(t, c, "fast")
	hear(t, c, "fast")
}

// TestCloseInAnyState: goleak holds that nothing is left.
func TestCloseInAnyState(t *testing.T) {
	s := listen(t, echo)
	for name, state := range map[string]func(*fault.Network){
		"idle": func(*fault.Network) {}, "held": func(n *fault.Network) { n.Hold() }, "parted": func(n *fault.Network) { n.Partition() },
		"slow": func(n *fault.Network) { n.Delay(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			p := network(t, wire.Protocol{})
			c := dial(t, p, s.address)
			say(t, c, "hello")
			hear(t, c, "hello")
			state(p)
			say(t, c, "stuck")
			dialled := make(chan struct{})
			go func() {
				defer close(dialled)
				if c, err := p.Dial(context.Background(), "tcp", s.address); err == nil {
					_ = c.Close()
				}
			}()
			must(t, p.Close())
			<-dialled
			if _, err := p.Dial(t.Context(), "tcp", s.address); err == nil {
				t.Error("what is closed was dialled")
			}
		})
	}
}
