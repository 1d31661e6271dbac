package explore

import (
	"context"
	"runtime"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// patience is how long a statement that should not wait may take before the server is asked whether it does, and the longest pause between
// two questions; more where statements usually take longer than a part of it.
const patience = time.Millisecond

// outlier is the longest that a statement is taken to usually take.
const outlier = 10 * time.Millisecond

// promptly is how often the server is asked without a pause: a question takes about as long as a statement, so it is the pause. One shorter than a
// millisecond takes a millisecond where this process has nothing else to do.
const promptly = 20

// slow is how many times as long as usual a statement takes that most likely waits.
const slow = 4

// settle waits until nobody acts any more. Who has not answered waits for a lock if the server says so: time alone decides
// nothing. A client that waited may go on because of what was done just now, so the server is asked again after all that may
// free a lock. Time only says when to ask.
func (c *Crew) settle(ctx context.Context, m *client, wary bool) {
	deadline := time.Now().Add(c.limit)
	for asked := 0; ; {
		c.drain()
		pending := c.pending()
		if pending == 0 || m.state != running && !c.frees(m) {
			return
		}
		if c.listen(c.pause(m, pending, asked, wary)) {
			continue
		}
		if time.Now().After(deadline) {
			c.err = c.stuck()
			return
		}
		asked++
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

// pause is how long to listen before the next question. Who should not wait, and the one who most likely goes on now, is given more time than a
// statement usually takes.
func (c *Crew) pause(m *client, pending, asked int, wary bool) time.Duration {
	likely := m.state == running && !wary || m.state != running && m.freed && pending == 1
	if asked == 0 && likely || asked >= promptly {
		return max(patience, slow*c.usual)
	}
	return 0
}

// took takes in how long a statement took that did not wait: one in eight of what is usual, and of an outlier no more than it could be waited for.
func (c *Crew) took(d time.Duration) { c.usual += (min(d, outlier) - c.usual) / 8 }

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

// listen waits for somebody to say something, for that long, and reports whether somebody did.
func (c *Crew) listen(d time.Duration) bool {
	runtime.Gosched() // what was let go has not been sent yet, where there is one thread
	if d == 0 {
		return false
	}
	c.timer.Reset(d)
	defer c.timer.Stop()
	select {
	case i := <-c.events:
		c.hear(i)
		return true
	case <-c.timer.C:
		return false
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
