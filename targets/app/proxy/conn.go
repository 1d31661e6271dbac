package proxy

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/targets/wire"
)

// Conn is a program's connection, and the one to the server that goes with it.
type Conn struct {
	Number int // of the proxy's connections, from 1
	proxy  *Proxy
	client net.Conn
	wire   *wire.Conn

	mu     sync.Mutex
	moved  *sync.Cond
	server net.Conn // nil until it is connected
	ended  bool
	out    []*Batch // sent on, not answered
	state  wire.State
	// entering: the program's login has gone through, and is not answered.
	entering bool

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
	return len(c.out) > 0, c.state != wire.Idle
}

// Entering reports whether the program is about to be let in.
func (c *Conn) Entering() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.ended && (c.server == nil || c.entering)
}

// serve passes on what both sides say, until either ends.
func (c *Conn) serve() {
	defer c.proxy.remove(c)
	defer c.Cut()
	if c.proxy.server.Login == nil && !c.dial() {
		return
	}
	var answers sync.WaitGroup
	buf := make([]byte, 16<<10)
	for {
		n, err := c.client.Read(buf)
		if n > 0 && !c.asks(buf[:n], &answers) {
			break
		}
		if err != nil {
			break
		}
	}
	c.Cut()
	answers.Wait()
}

// dial connects to the server as it is.
func (c *Conn) dial() bool {
	var d net.Dialer
	server, err := d.DialContext(c.proxy.ctx, "tcp", c.proxy.server.Address)
	if err != nil {
		c.proxy.failed(fmt.Errorf("the proxy does not reach the server: %w", err))
		return false
	}
	if !c.connected(server) {
		return false
	}
	c.proxy.running.Go(func() { c.answers(server) })
	return true
}

func (c *Conn) connected(server net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		_ = server.Close() // nothing was said on it
		return false
	}
	c.server = server
	return true
}

// asks takes in what the client sent; false: the connection is over.
func (c *Conn) asks(b []byte, answers *sync.WaitGroup) bool {
	step := c.wire.Client(b)
	if len(step.Back) > 0 {
		if _, err := c.client.Write(step.Back); err != nil {
			return false
		}
	}
	c.pending = append(c.pending, step.On...)
	if c.authenticating() { // what passes is the program's login, until the server lets it in
		return c.pass(c.at + int64(len(c.pending)))
	}
	for _, e := range slices.Clone(step.Events) {
		switch {
		case e.Opaque != "":
			return c.opaque(e.Opaque)
		case e.Request.Kind == wire.Login:
			if !c.login(&e, answers) {
				return false
			}
		default:
			c.batch = append(c.batch, e.Request)
			if e.Request.Last && !c.send(e.End) {
				return false
			}
		}
	}
	return true
}

// authenticating reports whether the server asks the program who it is.
func (c *Conn) authenticating() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entering || len(c.out) > 0 && c.out[0].Requests[0].Kind == wire.ChangeUser
}

// login lets the program in: the proxy logs in itself where it can, and has the program's login go through elsewhere.
func (c *Conn) login(e *wire.Event, answers *sync.WaitGroup) bool {
	c.batch = nil
	if database := c.wire.Session().Database; database != "" && database != c.proxy.server.Database {
		return c.refuse(fmt.Errorf("the program asks for the database %q and was given %q: it ignores a part of the address", database, c.proxy.server.Database))
	}
	if c.proxy.server.Login == nil {
		c.mu.Lock()
		c.entering = true
		c.mu.Unlock()
		return c.pass(e.End)
	}
	c.drop(e.End)
	server, greeting, err := c.proxy.server.Login(c.proxy.ctx, e.Request)
	if err != nil {
		return c.refuse(err)
	}
	if !c.connected(server) {
		return false
	}
	step := c.wire.Server(greeting)
	if _, err := c.client.Write(step.On); err != nil {
		return false
	}
	answers.Go(func() { c.answers(server) })
	return true
}

func (c *Conn) refuse(why error) bool {
	c.proxy.failed(why)
	if c.proxy.server.Refusal != nil {
		_, _ = c.client.Write(c.proxy.server.Refusal(why.Error())) // it is cut anyway
	}
	return false
}

// opaque goes on without reading: a request to cancel a statement is passed on, anything else is the end.
func (c *Conn) opaque(why string) bool {
	if len(c.batch) == 1 && c.batch[0].Kind == wire.Cancel && c.dial() {
		_, err := c.server.Write(c.pending)
		return err == nil
	}
	c.proxy.failed(errors.New("the program's connection cannot be followed: " + why))
	return false
}

// drop forgets what is pending up to a byte of the stream.
func (c *Conn) drop(end int64) {
	c.pending = c.pending[end-c.at:]
	c.at = end
}

// pass sends on what is pending up to a byte of the stream.
func (c *Conn) pass(end int64) bool {
	_, err := c.server.Write(c.pending[:end-c.at])
	c.drop(end)
	return err == nil
}

// send sends the batch on that ends with a byte of the stream, as soon as the watcher lets it go.
func (c *Conn) send(end int64) bool {
	b := &Batch{Conn: c, Requests: c.batch}
	c.batch = nil
	for _, r := range b.Requests {
		if answered(r.Kind) {
			b.last = r.ID
		}
	}
	if b.last == 0 || c.server == nil {
		return c.server != nil && c.pass(end)
	}
	if !c.await(b) {
		return false
	}
	if hold := c.proxy.watcher.Arrived(b); hold != nil {
		select {
		case <-hold:
		case <-c.proxy.ctx.Done():
			return false
		}
	}
	if !c.sending(b) {
		b.Lost = true // nobody else says so: what there was, was lost before
		c.proxy.watcher.Answered(b)
		return false
	}
	c.proxy.batches.Add(1)
	return c.pass(end)
}

// sending notes a batch that is about to be sent on; false: the connection has ended meanwhile.
func (c *Conn) sending(b *Batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.Sent = time.Now()
	if !c.ended {
		c.out = append(c.out, b)
	}
	return !c.ended
}

// await waits until what was sent before is answered: a batch that follows is not held while the server works on another. Data for
// COPY is part of the batch before.
func (c *Conn) await(b *Batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out) > 0 && !c.ended && b.Requests[0].Kind != wire.CopyIn && b.Requests[0].Kind != wire.LocalFile {
		c.moved.Wait()
	}
	b.Inside = c.state != wire.Idle
	return !c.ended
}

// answered reports whether requests of a kind have an answer of their own.
func answered(k wire.Kind) bool {
	switch k {
	case wire.Flush, wire.Quit, wire.CopyIn, wire.LocalFile, wire.LongData, wire.Encryption:
		return false
	}
	return true
}

// answers passes on what the server says.
func (c *Conn) answers(server net.Conn) {
	defer c.lost()
	defer c.Cut()
	buf := make([]byte, 16<<10)
	for {
		n, err := server.Read(buf)
		if n > 0 {
			step := c.wire.Server(buf[:n])
			for _, e := range step.Events {
				if e.Answer != nil {
					c.answer(e.Answer)
				}
			}
			if _, err := c.client.Write(step.On); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// answer takes in an answer, and says so when that of a batch is whole.
func (c *Conn) answer(a *wire.Answer) {
	c.mu.Lock()
	c.state, c.entering = a.State, false
	var whole *Batch
	if len(c.out) > 0 {
		b := c.out[0]
		b.Answers = append(b.Answers, a)
		if a.Last && a.To >= b.last {
			whole = b
			c.out = c.out[1:]
			c.moved.Broadcast()
		}
	}
	c.mu.Unlock()
	if whole != nil {
		c.proxy.watcher.Answered(whole)
	}
}

// lost ends what is not answered.
func (c *Conn) lost() {
	c.mu.Lock()
	out := c.out
	c.out, c.state = nil, wire.Idle
	c.mu.Unlock()
	for _, b := range out {
		b.Lost = true
		c.proxy.watcher.Answered(b)
	}
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
