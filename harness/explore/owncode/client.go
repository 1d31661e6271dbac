package owncode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Client is one of those who run at the same time. Whoever opens its connections announces every statement to it.
type Client struct {
	name      string // client 1
	readsLock bool   // its plain reads may take locks
	peers     []*Client
	tables    store.Tables           // what statements may touch; nil: not known
	home      atomic.Pointer[string] // the goroutine of its function

	mu      sync.Mutex
	hook    harness.Hook // nil: its function does not run
	cancel  context.CancelFunc
	from    string       // the goroutine that its statements come from
	asked   *Statement   // announced last
	busy    bool         // it has announced what the driver has not answered yet
	last    time.Time    // when it was last heard of
	begins  []string     // what began its transaction, since the last statement
	done    []*Statement // in this schedule
	refused int          // statements that had no turn, since the schedule was given up
	fault   error        // why this code cannot be explored
}

// Statement is one that has been announced.
type Statement struct {
	client *Client
	sql    string
	args   []any
	begins []string // what had begun its transaction, if it is the first
	point  harness.Point

	answered bool
	got      string
	err      error
}

// What an exploration's error matches where the code cannot be stepped.
var (
	ErrOver       = errors.New("this schedule is over")
	ErrConcurrent = errors.New("one client runs statements in several goroutines: lastseat could not repeat which of them goes first; " +
		"let each be a client of its own")
	ErrManyActions = errors.New("one client runs statements without end: bound its retries")
	ErrSilent      = errors.New("one client neither ends nor runs a statement")
	ErrExited      = errors.New("a client's goroutine was ended: t.Fatal, t.FailNow, t.Skip and runtime.Goexit are for the test's own, " +
		"return an error instead")
	ErrMixed = errors.New("a connection or a prepared statement that one client opened is used by another, in a variable of both: " +
		"let each make its own of the DB that it is given")
	ErrLocked = errors.New("one client waits for a lock in this process, and whoever holds it waits for its turn: only statements take turns. " +
		"A mutex protects one process, and each client stands for one: explore the code without it, or give each client its own")
	ErrPool = errors.New("one client waits for a connection, and holds all that its pool may have: it waits for itself, as it would anywhere; " +
		"run a transaction's statements on the transaction, or let the pool have more (SetMaxOpenConns)")
	ErrValue = errors.New("what it returned cannot be compared, because JSON cannot hold it")
	ErrInUse = errors.New("a client returned and kept a connection: " +
		"a transaction that it did not end, or rows that it did not close")
)

const (
	// maxActions is how many statements a client may run in one schedule.
	maxActions = 1000
	// manyRefused is how many statements are refused before the client's context is ended.
	manyRefused = 50
)

// Announce waits until the client may send a statement. An error is to be answered in the statement's place. Returned, or
// Answered, has to be called as soon as the driver's call returns.
func (c *Client) Announce(ctx context.Context, sql string, args []any) (*Statement, error) {
	return c.announce(ctx, harness.Action{Point: harness.PointOf(sql, c.readsLock), SQL: sql, Args: args})
}

func (c *Client) announce(ctx context.Context, a harness.Action) (*Statement, error) {
	point, sql := a.Point, a.SQL
	s := &Statement{client: c, sql: sql, args: a.Args, point: harness.PointOf(sql, c.readsLock)}
	if point != harness.AtRead {
		s.point = point
	}
	hook, err := c.ask(s)
	if err != nil {
		return nil, err
	}
	err = hook(ctx, a)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = time.Now()
	switch {
	case err != nil:
		c.busy = false
		if c.refused++; c.refused > manyRefused {
			c.cancel()
		}
		return nil, fmt.Errorf("%s: %w: %w", c.name, ErrOver, err)
	case point == harness.AtBegin:
		c.begins = append(c.begins, sql)
	default:
		s.begins, c.begins = c.begins, nil
		c.done = append(c.done, s)
	}
	return s, nil
}

// ask is the hook to be called for a statement, if there may be one.
func (c *Client) ask(s *Statement) (harness.Hook, error) {
	here := goroutine()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from == "" {
		c.from = here
	}
	switch {
	case c.hook == nil:
		return nil, fmt.Errorf("%s: %w", c.name, ErrOver)
	case c.stranger(here) != "":
		c.fail(fmt.Errorf("%s ran a statement on what it works on: %w", c.stranger(here), ErrMixed))
	case here != c.from:
		c.fail(ErrConcurrent)
	case len(c.done) >= maxActions && s.point != harness.AtRollback:
		c.fail(ErrManyActions)
	}
	if c.fault != nil && s.point != harness.AtRollback {
		if c.refused++; c.refused > manyRefused {
			c.cancel()
		}
		return nil, c.fault
	}
	c.busy, c.asked = true, s
	return c.hook, nil
}

// stranger is the name of another client whose function runs in the goroutine.
func (c *Client) stranger(goroutine string) string {
	for _, p := range c.peers {
		if home := p.home.Load(); p != c && home != nil && *home == goroutine {
			return p.name
		}
	}
	return ""
}

// goroutine names the one that asks, as stack traces do. Two that ask one after the other are told from two that ask at once by
// nothing else.
func goroutine() string {
	var b [40]byte
	name, _, _ := bytes.Cut(b[:runtime.Stack(b[:], false)], []byte(" ["))
	return string(name)
}

// fail notes why the client cannot be stepped; the first reason counts. c.mu is held.
func (c *Client) fail(err error) {
	if c.fault == nil {
		c.fault = fmt.Errorf("%s: %w", c.name, err)
	}
}

// Blocked waits until the client may try the statement under way once more, which has found a lock taken.
func (c *Client) Blocked(ctx context.Context) error {
	c.mu.Lock()
	hook := c.hook
	c.mu.Unlock()
	if hook == nil {
		return fmt.Errorf("%s: %w", c.name, ErrOver)
	}
	if err := hook.At(ctx, harness.AtBlocked); err != nil {
		return fmt.Errorf("%s: %w: %w", c.name, ErrOver, err)
	}
	return nil
}

// Returned says that the driver's call has returned, and that there may be rows still to be read.
func (s *Statement) Returned() {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	s.client.busy, s.client.last = false, time.Now()
}

// Answered says how the statement ended: what it returned as text, or its error. The first answer counts.
func (s *Statement) Answered(got string, err error) {
	c := s.client
	c.mu.Lock()
	c.busy, c.last = false, time.Now()
	if s.answered {
		c.mu.Unlock()
		return
	}
	s.answered, s.got, s.err = true, got, err
	hook := c.hook
	newest := len(c.done) > 0 && c.done[len(c.done)-1] == s
	c.mu.Unlock()
	if hook != nil && newest && err != nil {
		_ = hook(context.Background(), harness.Action{Point: harness.AtAnswer, Err: err}) // it says nothing to answers
	}
}

// begin makes the client ready for a schedule.
func (c *Client) begin(hook harness.Hook, cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook, c.cancel, c.last = hook, cancel, time.Now()
	c.from, c.busy, c.begins, c.done, c.asked, c.refused = "", false, nil, nil, nil, 0
}

// end lets no more statements through.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = nil
	if err != nil {
		c.fail(err)
	}
}

// silent is how long the client has done nothing that it could be waiting for.
func (c *Client) silent() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy && c.fault == nil {
		return 0
	}
	return time.Since(c.last)
}
