package proxy

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/targets/wire"
)

// Conn is a program's connection, and the one to the server that goes with it.
type Conn struct {
	Number  int // of the proxy's connections, from 1
	proxy   *Proxy
	program net.Conn // as it connected
	from    net.Addr // where the program is on its side
	client  io.ReadWriteCloser
	wire    *wire.Conn

	mu     sync.Mutex
	moved  *sync.Cond
	server io.ReadWriteCloser // nil until it is connected
	ended  bool
	out    []*Batch // sent on, not answered, but for those that nobody listens to
	mute   bool     // the program gets no more answers
	final  bool     // it has had the last one
	busy   time.Duration
	eager  atomic.Bool // a batch waits until all before it are answered
	again  func(program, server io.ReadWriter, request []byte) (answer []byte, err error)
	detour *io.PipeWriter // where what the server says goes to while the program is let in again

	pending []byte          // from the client, not sent on
	at      int64           // bytes sent on
	batch   []*wire.Request // of pending
}

// ID is the server's number of the session.
func (c *Conn) ID() uint64 { return c.wire.Session().ID }

// Busy reports whether the connection waits for an answer, and whether it is in a transaction.
func (c *Conn) Busy() (unanswered, inside bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return len(c.out) > 0, false
	}
	quiet, state := c.wire.Standing()
	return len(c.out) > 0 || quiet > 0, state != wire.Idle
}

// From is where the program is on its side.
func (c *Conn) From() net.Addr { return c.from }

// Ended reports whether the connection is over.
func (c *Conn) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Counts are what the connection has done so far. Busy leaves out how long batches were held.
func (c *Conn) Counts() wire.Counts {
	counts := c.wire.Counts()
	c.mu.Lock()
	defer c.mu.Unlock()
	counts.Busy += c.busy
	return counts
}

// Entering reports whether the program is about to be let in.
func (c *Conn) Entering() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.ended && c.server == nil
}

// serve lets the program in, and passes on what both sides say, until either ends.
func (c *Conn) serve() {
	defer c.proxy.remove(c)
	defer c.Cut()
	e, err := c.proxy.server.Enter(c.proxy.ctx, c.program, c.proxy.account)
	if err != nil {
		c.proxy.failed(err)
	}
	if e == nil || !c.entered(e) {
		return
	}
	c.relay()
}

// entered takes in that the program was let in.
func (c *Conn) entered(e *Entry) bool {
	for _, s := range e.Said {
		if s.Program {
			c.at += int64(len(c.wire.Client(s.Bytes).On))
		} else {
			c.wire.Server(s.Bytes)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		_ = e.Server.Close() // nothing was said on it
		return false
	}
	c.client, c.server = c.proxy.loops.detach(e.Program, e.Server)
	c.again = e.Again
	return true
}

// asks takes in what the client sent, as way.take does.
func (c *Conn) asks(b []byte) (rest func() bool, ok bool) {
	step := c.wire.Client(b)
	if step.Batches > 0 {
		c.proxy.batches.Add(int64(step.Batches))
	}
	if len(c.pending) == 0 && len(step.Events) == 1 && step.Events[0].Free() && step.Events[0].End == c.at+int64(len(step.On)) {
		c.at = step.Events[0].End
		return write(c.server, step.On)
	}
	c.pending = append(c.pending, step.On...)
	if len(step.Events) == 0 {
		return nil, true
	}
	return func() bool { return c.follow(step.Events) }, true
}

// follow sends on what events of the client say that can go. It may wait for the Watcher.
func (c *Conn) follow(events []wire.Event) bool {
	for _, e := range events {
		if e.Free() {
			if !c.pass(e.End) {
				return false
			}
			continue
		}
		if e.Opaque != "" {
			c.proxy.failed(errors.New("the program's connection cannot be followed: " + e.Opaque))
			return false
		}
		c.batch = append(c.batch, e.Request)
		if e.Request.Last && !c.send(e.End) {
			return false
		}
	}
	return true
}

// drop forgets what is pending up to a byte of the stream.
func (c *Conn) drop(end int64) {
	const most = 1 << 20
	c.pending = c.pending[end-c.at:]
	if c.at = end; len(c.pending) == 0 && cap(c.pending) > most {
		c.pending = nil
	}
}

// pass sends on what is pending up to a byte of the stream.
func (c *Conn) pass(end int64) bool {
	if end == c.at {
		return true
	}
	_, err := c.server.Write(c.pending[:end-c.at])
	c.drop(end)
	return err == nil
}

// send sends the batch on that ends with a byte of the stream, as soon as the watcher lets it go.
func (c *Conn) send(end int64) bool {
	b := &Batch{Conn: c, Requests: c.batch}
	c.batch = nil
	leaves := b.Requests[len(b.Requests)-1].Kind == wire.Quit
	for _, r := range b.Requests {
		if hasAnswer(r.Kind) && (!leaves || r.Kind != wire.Close) { // MySQL's never has one
			b.last = r.ID
		}
	}
	if b.last == 0 {
		return c.pass(end)
	}
	if !c.await(b) {
		return false
	}
	if w := c.proxy.watcher.Load(); w != nil {
		b.watcher = *w
		if hold := b.watcher.Arrived(b); hold != nil {
			select {
			case <-hold:
			case <-c.proxy.ctx.Done():
				return false
			}
		}
	}
	if !c.sending(b) {
		b.Lost = true // nobody else says so: what there was, was lost before
		b.answered()
		return false
	}
	c.proxy.batches.Add(1)
	if k := b.Requests[len(b.Requests)-1].Kind; c.again != nil && (k == wire.ChangeUser || k == wire.Reset) {
		return c.enterAgain(end)
	}
	return c.pass(end)
}

// enterAgain has the program let in again by what is pending up to a byte of the stream.
func (c *Conn) enterAgain(end int64) bool {
	request := slices.Clone(c.pending[:end-c.at])
	c.drop(end)
	from, to := io.Pipe()
	c.divert(to)
	answer, err := c.again(c.client, struct {
		io.Reader
		io.Writer
	}{from, c.server}, request)
	goes := answer != nil && whole(c.answered(answer))
	if err != nil {
		c.proxy.failed(err)
		c.Cut() // what else the server says may lack its beginning
	}
	c.divert(nil)
	_ = from.Close() // what nobody has read of it goes to the program
	return goes && err == nil
}

// divert has what the server says go elsewhere, or to the program again.
func (c *Conn) divert(to *io.PipeWriter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.detour = to
}

func (c *Conn) diverted() *io.PipeWriter {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.detour
}

// says takes in what the server said, as way.take does.
func (c *Conn) says(b []byte) (rest func() bool, ok bool) {
	to := c.diverted()
	if to == nil {
		return c.answered(b)
	}
	b = slices.Clone(b)
	return func() bool {
		taken, _ := to.Write(b) // who reads it may have all that it wants
		return taken == len(b) || whole(c.answered(b[taken:]))
	}, true
}

// answered passes on what the server has said, as way.take does; not ok: the program is gone, or has had its last answer.
func (c *Conn) answered(b []byte) (rest func() bool, ok bool) {
	mute := c.isMute()
	step := c.wire.Server(b)
	final, until := false, []<-chan struct{}(nil)
	for _, e := range step.Events {
		if e.Answer == nil {
			continue
		}
		last, hold := c.answer(e.Answer)
		final = last || final
		if hold != nil {
			until = append(until, hold)
		}
	}
	if c.eager.Load() {
		c.mu.Lock()
		c.moved.Broadcast()
		c.mu.Unlock()
	}
	if mute {
		return nil, true
	}
	if until != nil {
		on := slices.Clone(step.On)
		return func() bool { return c.held(until) && c.tells(on) && !final }, true
	}
	rest, ok = write(c.client, step.On)
	if rest != nil && final {
		return func() bool { return rest() && false }, true
	}
	return rest, ok && !final
}

// held waits until the program may have an answer; false: the proxy is closed.
func (c *Conn) held(until []<-chan struct{}) bool {
	for _, hold := range until {
		select {
		case <-hold:
		case <-c.proxy.ctx.Done():
			return false
		}
	}
	return true
}

func (c *Conn) tells(b []byte) bool {
	_, err := c.client.Write(b)
	return err == nil
}

// silent takes in that the server says nothing more.
func (c *Conn) silent(err error) {
	if to := c.diverted(); to != nil {
		_ = to.CloseWithError(err)
	}
	c.Cut()
	c.lost()
}

// Cut ends the connection on both sides.
func (c *Conn) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	c.moved.Broadcast()
	_ = c.client.Close() // what is on the way is lost
	if c.server != nil {
		_ = c.server.Close() // so it is here
	}
}
