// Package hostile is a server for tests that misbehaves: it stands before a real server of PostgreSQL or MySQL, passes everything on, and
// then, from the first byte or from Begin on, is silent, closes, sends garbage, and so on. In goes a Mode and the address of the real
// server, out comes an address. Start at Listen.
package hostile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Protocol is what the real server speaks.
type Protocol string

// The protocols.
const (
	Postgres Protocol = "postgres"
	MySQL    Protocol = "mysql"
)

// Server is a misbehaving server. The caller must Close it.
type Server struct {
	mode     Mode
	protocol Protocol
	upstream string
	listener net.Listener
	begun    atomic.Bool
	passed   atomic.Int64 // bytes that the real server has answered
	closed   chan struct{}
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	seed  uint64
}

// Listen makes a server that misbehaves at once, or, later, only after Begin.
func Listen(mode Mode, protocol Protocol, upstream string, later bool) (*Server, error) {
	if speakers[mode] == nil && filters[mode] == nil {
		return nil, fmt.Errorf("hostile: unknown mode %q", mode)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	s := &Server{
		mode: mode, protocol: protocol, upstream: upstream, listener: l, closed: make(chan struct{}), conns: map[net.Conn]struct{}{},
	}
	s.begun.Store(!later)
	s.wg.Go(s.accept)
	return s, nil
}

// Address is the host and port that it listens at.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Begin has it misbehave from now on, on connections that are open too.
func (s *Server) Begin() { s.begun.Store(true) }

// Passed is how many bytes of the real server's answers it has passed on.
func (s *Server) Passed() int64 { return s.passed.Load() }

// Close cuts all connections, and returns once nothing of it is left.
func (s *Server) Close() error {
	close(s.closed)
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close() // it may be closed already
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // it was closed
		}
		s.wg.Go(func() { s.serve(c) })
	}
}

// own notes a connection, so that Close cuts it; false: it is too late.
func (s *Server) own(c net.Conn) (seed uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		_ = c.Close() // nobody waits for it
		return 0, false
	default:
	}
	s.conns[c] = struct{}{}
	s.seed++
	return s.seed, true
}

func (s *Server) disown(c net.Conn) {
	_ = c.Close() // it may be closed already
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// serve is one client's connection.
func (s *Server) serve(client net.Conn) {
	seed, ok := s.own(client)
	if !ok {
		return
	}
	defer s.disown(client)
	l := &link{server: s, client: client, rand: rand.New(rand.NewPCG(5, seed))}
	l.limit = 100 + l.rand.Int64N(8000)
	if speak := speakers[s.mode]; speak != nil && s.begun.Load() {
		l.fresh = true
		speak(l)
		return
	}
	upstream, err := net.Dial("tcp", s.upstream)
	if err != nil {
		return
	}
	if _, ok := s.own(upstream); !ok {
		return
	}
	defer s.disown(upstream)
	s.wg.Go(func() {
		defer s.disown(upstream)
		pump(client, func(b []byte) bool { _, err := upstream.Write(b); return err == nil })
	})
	pump(upstream, l.answer)
}

// pump hands what comes from a connection to do, until that is false.
func pump(from net.Conn, do func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !do(buf[:n]) || err != nil {
			return
		}
	}
}

// link is one client's connection and what is known of it.
type link struct {
	server *Server
	client net.Conn
	rand   *rand.Rand
	n      int64 // bytes of answers since the mode began
	fresh  bool  // nothing was said yet
	limit  int64 // after how many of them some modes strike
}

// answer passes on what the real server sent, or does what the mode does instead.
func (l *link) answer(chunk []byte) bool {
	l.server.passed.Add(int64(len(chunk)))
	if !l.server.begun.Load() {
		return l.send(chunk)
	}
	if speak := speakers[l.server.mode]; speak != nil {
		speak(l)
		return false
	}
	l.n += int64(len(chunk))
	return filters[l.server.mode](l, chunk)
}

func (l *link) send(b []byte) bool {
	_, err := l.client.Write(b)
	return err == nil
}

// sleep waits, or until the server is closed: false.
func (l *link) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-l.server.closed:
		return false
	}
}
