// Package service is a payment service: a real HTTP server on the loopback interface, with a ledger of its own. In go requests to charge
// a customer or to give money back, out come answers, now and then late, twice or never, as its ServiceFault says; what it booked is in the
// Ledger, whatever anybody was answered.
//
// A request that carries an Idempotency-Key is booked once, and answered the same each time. One without is booked each time.
//
//	POST /charge       {"op":1,"amount":10,"card":"ok"}  →  200 {"status":"charged"}
//	POST /refund       the same, and gives back
//	GET  /charges/{op}                                   →  200 {"op":1,"amount":10}: what was taken less what was given back
//
// A newcomer starts at Start and Client.
package service

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Service is a running payment service.
type Service struct {
	listener net.Listener
	server   http.Server
	served   chan error
	closing  chan struct{}
	once     sync.Once

	books  ledger
	chance chance

	mu     sync.Mutex
	active int           // requests under way
	quiet  chan struct{} // closed once active is 0; nil: nobody waits for that
}

// Start starts a service on a free port of the loopback interface. Close ends it.
func Start(ctx context.Context) (*Service, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Service{listener: l, served: make(chan error, 1), closing: make(chan struct{}), books: newLedger()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /charge", func(w http.ResponseWriter, r *http.Request) { s.book(w, r, 1) })
	mux.HandleFunc("POST /refund", func(w http.ResponseWriter, r *http.Request) { s.book(w, r, -1) })
	mux.HandleFunc("GET /charges/{op}", s.tell)
	s.server.Handler = mux
	go func() { s.served <- s.server.Serve(l) }()
	return s, nil
}

// URL is where it is.
func (s *Service) URL() string { return "http://" + s.listener.Addr().String() }

// Inject makes it misbehave from now on; the zero value ends that.
func (s *Service) Inject(t store.ServiceFault) { s.chance.set(t) }

// Ledger is what it booked so far, oldest first; never nil.
func (s *Service) Ledger() []harness.Charge { return s.books.all() }

// Idle waits until no request is under way.
func (s *Service) Idle(ctx context.Context) error {
	s.mu.Lock()
	if s.active == 0 {
		s.mu.Unlock()
		return nil
	}
	if s.quiet == nil {
		s.quiet = make(chan struct{})
	}
	quiet := s.quiet
	s.mu.Unlock()
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin counts a request until what it returns is called.
func (s *Service) begin() (end func()) {
	s.mu.Lock()
	s.active++
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.active--; s.active == 0 && s.quiet != nil {
			close(s.quiet)
			s.quiet = nil
		}
	}
}

// Close ends it, and returns once no request is under way any more. Those that hang are let go.
func (s *Service) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		err = s.server.Close()
		if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		err = errors.Join(err, s.Idle(context.Background()))
	})
	return err
}
