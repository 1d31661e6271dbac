package sqldb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// pool is the connections that all clients of a server share. More clients than connections queue. Fewer use as many
// connections as they are: the one that was given back last is taken first, because on a server each costs a process or a
// thread that has to be woken.
type pool struct {
	connect func(ctx context.Context, route store.Route) (Conn, error)
	dialect *Dialect
	free    chan struct{} // one token for each slot of idle, so that clients queue in order
	mu      sync.Mutex
	idle    []*slot // a stack
	all     []*slot
	level   harness.Level
	route   store.Route
	patient bool
	gone    bool // the server does not answer any more; under mu
}

// slot is a place for a connection; conn is nil before the first use and after a connection died.
type slot struct {
	conn  Conn
	level harness.Level // that conn is set to
	route store.Route   // that conn came by
	set   string        // how conn was set beside that: Config's Causal or Local; empty: not yet
}

func newPool(size int, d *Dialect, connect func(context.Context, store.Route) (Conn, error)) *pool {
	p := &pool{connect: connect, dialect: d, free: make(chan struct{}, size)}
	for range size {
		s := &slot{}
		p.all = append(p.all, s)
		p.give(s)
	}
	return p
}

// warm opens all connections by the row's route and sets them to level, so that no operation pays for it. No slot may be in use.
// After a row in which connections may have died unseen, they are all made anew.
func (p *pool) warm(ctx context.Context, level harness.Level, env *store.Env) error {
	if p.patient {
		p.close()
	}
	p.level, p.route, p.patient = level, env.Route, env.Patient
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first error // says it for all: it ends the others
	var once sync.Once
	var wg sync.WaitGroup
	room := make(chan struct{}, 8)
	for _, s := range p.all {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if err := p.ready(ctx, s); err != nil {
				once.Do(func() { first = err; cancel() })
			}
		})
	}
	wg.Wait()
	return p.verdict(first)
}

// verdict marks the error of a connection that could not be made as the end of the server: only if that gave no answer at all. One that
// says that it has no room, or that the user is not welcome, lives.
func (p *pool) verdict(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || p.dialect.answered(err) {
		return err
	}
	if !p.patient {
		p.mu.Lock()
		p.gone = true
		p.mu.Unlock()
	}
	return fmt.Errorf("%w: %w", harness.ErrServerLost, err)
}

// lost reports whether the server was found not to answer any more.
func (p *pool) lost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// ready makes a slot's connection usable at the pool's level.
func (p *pool) ready(ctx context.Context, s *slot) error {
	return Within(ctx, AnswerTimeout, func(ctx context.Context) error { return p.makeReady(ctx, s) })
}

func (p *pool) makeReady(ctx context.Context, s *slot) error {
	if s.conn != nil && (s.conn.Dead() || s.route != p.route) {
		_ = s.conn.Close() // it died, or nothing is under way on it
		s.conn = nil
	}
	if s.conn == nil {
		c, err := p.connect(ctx, p.route)
		if err != nil {
			return err
		}
		s.conn, s.level, s.route, s.set = c, "", p.route, ""
	}
	if s.level == p.level || p.dialect.SetLevel == nil {
		return nil
	}
	if own, ok := s.conn.(leveled); ok {
		own.SetLevel(p.level)
	} else if _, err := s.conn.Exec(ctx, p.dialect.SetLevel(p.level)); err != nil {
		return fmt.Errorf("set the isolation level: %w", err)
	}
	got, err := s.conn.Text(ctx, p.dialect.ShowLevel)
	if err != nil {
		return fmt.Errorf("read the isolation level back: %w", err)
	}
	if got := harness.Level(strings.ReplaceAll(strings.ToLower(got), " ", "-")); got != p.level {
		return fmt.Errorf("asked the server for isolation level %s, but it runs at %s", p.level, got)
	}
	s.level = p.level
	return nil
}

// A client tries to reach a server that it lost for half a second, or, where that is to be expected, until its time is up.
const (
	reconnects     = 5
	reconnectEvery = 100 * time.Millisecond
)

func (p *pool) tries() int {
	if p.patient {
		return math.MaxInt
	}
	return reconnects
}

// take waits for a slot and makes its connection ready.
func (p *pool) take(ctx context.Context) (*slot, error) {
	var s *slot
	select {
	case <-p.free:
		s = p.pop()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free connection: %w", ctx.Err())
	}
	if s.conn != nil && !s.conn.Dead() {
		return s, nil
	}
	err := p.reach(ctx, s)
	switch {
	case err == nil && ctx.Err() == nil:
		return s, nil
	case err == nil: // the next attempt finds the connection
		err = fmt.Errorf("connect again: %w", ctx.Err())
	case p.patient:
		err = fmt.Errorf("wait for the server to come back: %w", err)
	default:
		err = p.verdict(err)
	}
	p.give(s)
	return nil, err
}

// reach makes a slot's connection anew. An attempt whose time is up meanwhile says nothing about the server: that is asked within a
// time of its own.
func (p *pool) reach(ctx context.Context, s *slot) (err error) {
	if !p.patient {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), reachTimeout)
		defer cancel()
		ctx = detached
	}
	for range p.tries() {
		if err = p.ready(ctx, s); err == nil || p.dialect.answered(err) {
			return err
		}
		select {
		case <-time.After(reconnectEvery):
		case <-ctx.Done():
			return err
		}
	}
	return err
}

func (p *pool) pop() *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	s := p.idle[last]
	p.idle = p.idle[:last]
	return s
}

func (p *pool) give(s *slot) {
	p.mu.Lock()
	p.idle = append(p.idle, s)
	p.mu.Unlock()
	p.free <- struct{}{}
}

// ids are the server's numbers of the pool's sessions.
func (p *pool) ids() map[int64]bool {
	ids := map[int64]bool{}
	for _, s := range p.all {
		if s.conn != nil && !s.conn.Dead() {
			ids[s.conn.ID()] = true
		}
	}
	return ids
}

func (p *pool) close() {
	for _, s := range p.all {
		if s.conn != nil {
			_ = s.conn.Close() // nothing is pending on an idle connection
		}
	}
}
