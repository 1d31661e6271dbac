package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/targets/wire"
)

// Server is where a Proxy leads.
type Server struct {
	Protocol wire.Protocol
	Database string // the only one that programs get to
	// Enter lets a program in that has connected: it asks who that is, and logs in at the server in its own way. Where it returns an
	// error, the program was told. Nil: there was nothing to let in, and all is done.
	Enter func(ctx context.Context, program net.Conn, a *Account) (*Entry, error)
}

// Watcher is told what passes, from several goroutines. None of its methods waits for anything; only the channel that Arrived answers does. A
// Proxy without one is cheapest: it holds nothing, and only counts what passes.
type Watcher interface {
	// Arrived: the server could answer the batch. It is sent on once the channel is closed; nil: at once.
	Arrived(b *Batch) (hold <-chan struct{})
	// Answered: the batch's answer is whole, or its connection has ended. The program does not have the answer yet.
	Answered(b *Batch)
}

// Proxy listens for a program's connections.
type Proxy struct {
	server  Server
	account *Account
	watcher atomic.Pointer[Watcher]
	rows    int
	listen  net.Listener
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup
	loops   *loops // that connections are read in

	batches atomic.Int64 // that were sent on
	mu      sync.Mutex
	conns   map[*Conn]struct{}
	made    int
	counts  wire.Counts // of connections that have ended
	closed  bool
	trouble error // why a program was not let in
}

// New listens at an address (127.0.0.1:0) for programs that have an account, and tells watcher what passes, if there is one. rows are
// kept of each answer. The caller must Close it.
func New(ctx context.Context, address string, server Server, account *Account, watcher Watcher, rows int) (*Proxy, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for the program's connections: %w", err)
	}
	p := &Proxy{server: server, account: account, rows: rows, listen: l, conns: map[*Conn]struct{}{}, loops: useLoops()}
	p.Watch(watcher)
	p.ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.running.Go(p.accept)
	return p, nil
}

// Watch has another Watcher be told what passes; nil: nobody. It is told of whole batches, from each connection's next on. What the one
// before it was told of, it is told the end of.
func (p *Proxy) Watch(w Watcher) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w == nil {
		p.watcher.Store(nil)
	} else {
		p.watcher.Store(&w)
	}
	for c := range p.conns {
		c.wire.Listen(w != nil)
	}
}

// Counts are what all connections together have done so far, those that have ended included, logins left out. Conn.Counts are those of
// one. They cost next to nothing, and need no Watcher.
func (p *Proxy) Counts() wire.Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all wire.Counts
	all.Add(p.counts)
	for c := range p.conns {
		all.Add(c.Counts())
	}
	return all
}

// Protocol is how programs speak to it.
func (p *Proxy) Protocol() wire.Protocol { return p.server.Protocol }

// Address is where it listens.
func (p *Proxy) Address() *net.TCPAddr { return p.listen.Addr().(*net.TCPAddr) }

// Batches is how many were sent on so far, logins left out.
func (p *Proxy) Batches() int64 { return p.batches.Load() }

// Trouble is why the program was not let in, if it was not.
func (p *Proxy) Trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trouble
}

func (p *Proxy) failed(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = err
}

// acceptPause is the wait before the next try where accepting fails, for want of descriptors above all.
const acceptPause = 10 * time.Millisecond

func (p *Proxy) accept() {
	for {
		client, err := p.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(acceptPause)
			continue
		}
		c := &Conn{
			proxy: p, program: client, client: client, from: client.RemoteAddr(),
			wire: p.server.Protocol.NewConn(wire.Options{Rows: p.rows, Bytes: 64 << 10}),
		}
		c.moved = sync.NewCond(&c.mu)
		if !p.add(c) {
			_ = client.Close() // nobody waits for it any more
			return
		}
		p.running.Go(c.serve)
	}
}

func (p *Proxy) add(c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.made++
		c.Number = p.made
		p.conns[c] = struct{}{}
		c.wire.Listen(p.watcher.Load() != nil)
	}
	return !p.closed
}

func (p *Proxy) remove(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	p.counts.Add(c.Counts())
}

// Conns are the connections that there are.
func (p *Proxy) Conns() (all []*Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		all = append(all, c)
	}
	return all
}

// Close cuts all connections, and waits until nothing of the Proxy runs any more. A second one does nothing.
func (p *Proxy) Close() error {
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		return nil
	}
	p.cancel()
	err := p.listen.Close()
	for _, c := range p.Conns() {
		c.Cut()
	}
	p.running.Wait()
	p.loops.leave()
	return err
}
