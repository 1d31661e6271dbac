package explore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Work is what a client does in a schedule: it announces every action to hook before it begins it, and ends soon after hook
// has answered an error.
type Work func(ctx context.Context, hook harness.Hook)

// Crew is a few clients of whom one acts at a time.
type Crew struct {
	clients []*client
	waiting func(context.Context) (store.Waits, error)
	polls   func(client int) bool
	with    func(client int) []int
	traits  Traits
	limit   time.Duration
	events  chan int // the number of a client that has something to say
	timer   *time.Timer
	sent    time.Time     // when the clients of the last turn were let go
	usual   time.Duration // that a statement takes that does not wait

	turns   []Turn
	acting  []*client   // in the last turn
	last    int         // who acted last; -1: nobody yet
	letting atomic.Bool // the schedule was given up: clients are let go
	record  bool        // note what was said, for people
	err     error

	able, polling []int // scratch
	coroutines    bool  // as Config's
}

// Config shapes a Crew.
type Config struct {
	// Waiting asks the store how many clients wait. Nil: clients call their hooks at AtBlocked.
	Waiting func(context.Context) (store.Waits, error)
	// Polls reports whether what a client has announced only asks again what it was answered before. Such a client waits for others:
	// it goes on when nobody else can. Nil: none does.
	Polls func(client int) bool
	// With says who acts at the same time as a client that was chosen. Nil: nobody does.
	With func(client int) []int
	// Coroutines: a client never waits but in its hook, and calls that from where its Work was called. Waiting is nil then. It takes
	// a third of the time.
	Coroutines bool
	Traits     Traits
	Limit      time.Duration // the longest that all clients may be stuck; 0: 10 s
}

// DefaultLimit is Config.Limit where it is 0.
const DefaultLimit = 10 * time.Second

// ErrStuck is what Play's error matches when every client waited and nothing moved for the limit.
var ErrStuck = errors.New("nothing moves")

// errLetGo ends the attempt of a client whose schedule was given up.
var errLetGo = errors.New("the schedule was given up")

// NewCrew makes a crew that does works, one a client. Close ends it.
func NewCrew(works []Work, cfg Config) *Crew {
	c := &Crew{waiting: cfg.Waiting, polls: cfg.Polls, with: cfg.With, traits: cfg.Traits, limit: cfg.Limit, events: make(chan int, len(works)), coroutines: cfg.Coroutines}
	if c.limit == 0 {
		c.limit = DefaultLimit
	}
	c.timer = time.NewTimer(c.limit)
	c.timer.Stop()
	for i, w := range works {
		m := &client{crew: c, index: i, work: w, begin: make(chan context.Context), turn: make(chan error)}
		c.clients = append(c.clients, m)
		if cfg.Coroutines {
			m.coroutine()
		} else {
			go m.loop()
		}
	}
	return c
}

// Close ends the clients' goroutines. No schedule may be under way.
func (c *Crew) Close() {
	for _, m := range c.clients {
		m.close()
	}
}

// Play leads all clients through one schedule: whenever somebody has to go next, choose says who, and -1 gives the schedule up.
// It returns when every client is done.
func (c *Crew) Play(ctx context.Context, choose func() int) error {
	c.turns, c.last, c.err = c.turns[:0], -1, nil
	c.letting.Store(false)
	cancel := func() {}
	if !c.coroutines { // those end by themselves
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
	}
	for _, m := range c.clients {
		m.inTx, m.read, m.begins, m.err = false, false, "", nil
		m.state, m.doing, m.holds, m.freed, m.failed, m.first, m.last = running, -1, false, false, false, 0, 0
		m.start(ctx)
		c.hear(<-c.events)
	}
	for c.busy() {
		if c.err == nil && ctx.Err() != nil {
			c.err = ctx.Err()
		}
		if c.err != nil {
			break
		}
		if !c.anyReady() {
			c.await(ctx)
			continue
		}
		i := choose()
		if i < 0 {
			break
		}
		c.release(ctx, i%Expire, i >= Expire)
	}
	c.letGo(cancel)
	return c.err
}

// Turns are what the clients did, in order; valid until the next Play.
func (c *Crew) Turns() []Turn { return c.turns }

// Hook is the client's hook, the same in all schedules.
func (c *Crew) Hook(i int) harness.Hook { return c.clients[i].hook }

// Span is the client's first turn, and the one at whose end it was done.
func (c *Crew) Span(i int) (first, last int) { return c.clients[i].first, c.clients[i].last }

// Ready reports whether the client has announced its next action and can go on.
func (c *Crew) Ready(i int) bool { return c.clients[i].state == ready }

// Actors is how many clients there are.
func (c *Crew) Actors() int { return len(c.clients) }

// Next is what the client has announced.
func (c *Crew) Next(i int) Step { return c.clients[i].next }

// Client is the actor's client: itself.
func (c *Crew) Client(i int) int { return i }

// Traits are those of the clients' level.
func (c *Crew) Traits() Traits { return c.traits }

// Able are the clients among whom a search chooses: those that are ready, but of them who only polls if all do; putOff reports whether
// a client that polls is left out. They are valid until the next call.
func (c *Crew) Able() (all []int, putOff bool) {
	c.able, c.polling = c.able[:0], c.polling[:0]
	for i, m := range c.clients {
		switch {
		case m.state != ready:
		case c.polls != nil && c.polls(i):
			c.polling = append(c.polling, i)
		default:
			c.able = append(c.able, i)
		}
	}
	if len(c.able) == 0 {
		return c.polling, false
	}
	return c.able, len(c.polling) > 0
}

func (c *Crew) busy() bool {
	for _, m := range c.clients {
		if m.state != done {
			return true
		}
	}
	return false
}

func (c *Crew) anyReady() bool {
	for _, m := range c.clients {
		if m.state == ready {
			return true
		}
	}
	return false
}

// release lets a client act, and those who act with it, and returns when everybody either has announced the next action, or waits for a
// lock, or is done.
func (c *Crew) release(ctx context.Context, i int, expires bool) {
	m := c.clients[i]
	c.acting = append(c.acting[:0], m)
	if c.with != nil {
		for _, j := range c.with(i) {
			c.acting = append(c.acting, c.clients[j])
		}
	}
	for _, a := range c.acting {
		c.begin(a, expires)
	}
	wary := c.mayBlock(m)
	if c.waiting != nil {
		c.sent = time.Now()
	}
	for _, a := range c.acting {
		a.goOn(nil) // from here on it may announce what comes next
	}
	if c.waiting == nil {
		for range c.acting {
			c.hear(<-c.events)
		}
		if expires && m.state == blocked {
			m.goOn(harness.ErrExpired)
			c.hear(<-c.events)
		}
		c.retry()
		return
	}
	c.settle(ctx, m, wary)
	if expires && m.state == blocked && c.err == nil {
		c.expire(ctx, m)
	}
}

// begin notes that a client takes a turn.
func (c *Crew) begin(m *client, expires bool) {
	m.state, m.doing = running, len(c.turns)
	m.freed = m.next.Ends && m.holds
	m.holds = !m.next.Ends && (m.holds || m.next.locks())
	if m.first == 0 {
		m.first = m.doing + 1
	}
	t := Turn{Client: m.index, Step: m.next, Expires: expires}
	if c.record {
		t.Begins, m.begins = m.begins, ""
		t.SQL, t.Args, t.Point = m.action.SQL, append([]any(nil), m.action.Args...), m.action.Point
	}
	c.turns = append(c.turns, t)
	c.last = m.index
	m.err = nil
}

// expire waits until the server ends a client's wait.
func (c *Crew) expire(ctx context.Context, m *client) {
	t := time.NewTimer(c.limit)
	defer t.Stop()
	for m.state == blocked {
		select {
		case i := <-c.events:
			c.hear(i)
		case <-t.C:
			c.err = fmt.Errorf("%w: a wait for a lock that was to be timed out goes on for more than %v", ErrStuck, c.limit)
			return
		case <-ctx.Done():
			c.err = ctx.Err()
			return
		}
	}
	c.settle(ctx, m, true)
}

// Waits is what the last turn did, if it waits for a lock now.
func (c *Crew) Waits() (what string, waits bool) {
	if len(c.turns) == 0 {
		return "", false
	}
	m := c.clients[c.turns[len(c.turns)-1].Client]
	return fmt.Sprint(m.index, m.action.Point, m.action.SQL, m.action.Table, m.action.Cells), m.state == blocked
}

// hear takes in what a client says.
func (c *Crew) hear(i int) {
	m := c.clients[i]
	if m.says != blocked && m.doing >= 0 {
		t := &c.turns[m.doing]
		if m.state == blocked || t.waited {
			t.BlockedUntil = len(c.turns)
		} else if c.waiting != nil {
			c.took(time.Since(c.sent))
		}
		if c.record {
			t.Got, t.Err = append([]int64(nil), m.got...), m.err
		}
		m.failed = m.err != nil
		t.failed = m.failed
	}
	switch m.state = m.says; m.state {
	case done:
		m.last = len(c.turns)
	case blocked:
		c.turns[m.doing].Waits = true
	}
}

// retry has those who found a lock taken try again, in the order in which they came, now that somebody has acted.
func (c *Crew) retry() {
	for turn := range c.turns {
		m := c.clients[c.turns[turn].Client]
		if m.state != blocked || m.doing != turn || turn == len(c.turns)-1 {
			continue
		}
		m.goOn(nil)
		c.hear(<-c.events)
	}
}

// letGo ends a schedule, whether it came to its end or not.
func (c *Crew) letGo(cancel func()) {
	if !c.busy() {
		return
	}
	c.letting.Store(true)
	timeout := time.NewTimer(c.limit)
	defer timeout.Stop()
	for c.busy() {
		for _, m := range c.clients {
			if m.state == ready || m.state == blocked && c.waiting == nil {
				m.goOn(m.letGo())
				m.state = running
			}
		}
		select {
		case i := <-c.events:
			c.clients[i].state = c.clients[i].says
		case <-timeout.C:
			cancel() // connections are cut
		}
	}
}

// stuck is the error when nobody can go on.
func (c *Crew) stuck() error {
	return fmt.Errorf("%w: all clients wait, and none went on in %v", ErrStuck, c.limit)
}
