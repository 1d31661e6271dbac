package explore

import (
	"context"
	"runtime"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// patience is how long a statement that should not wait may take before the server is asked whether it does.
const patience = time.Millisecond

// manyTimes is how often the server is asked without a pause.
const manyTimes = 20

// settle waits until nobody acts any more. Who has not answered waits for a lock if the server says so: time alone decides
// nothing. A client that waited may go on because of what was done just now, so the server is asked again after all that may
// free a lock. If it is wary from the start, it does not first wait for an answer.
func (c *Crew) settle(ctx context.Context, m *client, wary bool) {
	deadline := time.Now().Add(c.limit)
	for asked := 0; ; asked++ {
		c.drain()
		pending := c.pending()
		if pending == 0 || m.state != running && !c.frees(m) {
			return
		}
		switch {
		case m.state == running && !wary:
			c.listen(patience)
			wary = true
			continue
		case m.state != running && m.freed && pending == 1:
			m.freed = false
			c.listen(patience) // most likely that one goes on
			continue
		case asked > manyTimes:
			c.listen(patience)
		}
		if time.Now().After(deadline) {
			c.err = c.stuck()
			return
		}
		runtime.Gosched() // what was let go has not been sent yet, where there is one thread
		n, err := c.waiting(ctx)
		if err != nil {
			c.err = err
			return
		}
		c.drain()
		if c.pending() != pending {
			continue
		}
		if n.Locks >= pending {
			c.markBlocked()
			return
		}
		if m.state == running && n.Locks+n.Circle >= pending {
			c.turns[m.doing].Waits, c.turns[m.doing].waited = true, true
		}
	}
}

// mayBlock guesses whether what the client has announced is about to wait.
func (c *Crew) mayBlock(m *client) bool { return mayWait(c.traits, c.turns, m.index, m.next) }

// frees reports whether what the client did last may have freed a lock.
func (c *Crew) frees(m *client) bool {
	s := c.turns[len(c.turns)-1].Step
	return s.Ends || s.Point == harness.AtStatement || m.failed || m.state == done
}

// pending is how many clients have not answered: they act, or wait for a lock.
func (c *Crew) pending() int {
	n := 0
	for _, m := range c.clients {
		if m.state == running || m.state == blocked {
			n++
		}
	}
	return n
}

func (c *Crew) markBlocked() {
	for _, m := range c.clients {
		if m.state == running {
			m.state = blocked
			c.turns[m.doing].Waits = true
		}
	}
}

// drain takes in what has been said.
func (c *Crew) drain() {
	for {
		select {
		case i := <-c.events:
			c.hear(i)
		default:
			return
		}
	}
}

// listen waits for somebody to say something, for that long.
func (c *Crew) listen(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case i := <-c.events:
		c.hear(i)
	case <-t.C:
	}
}

// await waits for the server to free somebody while nobody can go on: it ends deadlocks, and waits that take too long. What is
// blocked inside this process nobody will free.
func (c *Crew) await(ctx context.Context) {
	if c.waiting == nil {
		c.err = c.stuck()
		return
	}
	t := time.NewTimer(c.limit)
	defer t.Stop()
	select {
	case i := <-c.events:
		c.hear(i)
		c.settle(ctx, c.clients[i], true)
	case <-t.C:
		c.err = c.stuck()
	case <-ctx.Done():
		c.err = ctx.Err()
	}
}
