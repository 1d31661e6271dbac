package fault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/wire"
)

// Proxy is a way to servers that can be broken: a store.Route whose Dial connects to a listener of the Proxy's own, on loopback,
// which connects on to the address that was asked for. Each address has a listener of its own, so no connection can be taken for
// one to another server. What a Proxy does to connections it does to all servers alike. Its methods may be called at any time, from
// any goroutine; but what holds messages up (Hold, Partition, Delay) is one thing at a time.
type Proxy struct {
	protocol wire.Protocol   // in which commits are looked for
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup

	gate   atomic.Pointer[gate]   // what messages meet; nil: nothing
	cutter atomic.Pointer[cutter] // what acknowledged commits meet; nil: nothing
	struck atomic.Int64           // commits that were cut off

	mu        sync.Mutex
	closed    bool
	listeners map[upstream]net.Listener
	links     map[*link]struct{}
}

// upstream is where connections are to go.
type upstream struct{ network, address string }

// NewProxy makes a Proxy for servers of a protocol. The zero Protocol looks at nothing, and is the cheapest. The caller must Close it.
func NewProxy(protocol wire.Protocol) *Proxy {
	p := &Proxy{protocol: protocol, listeners: map[upstream]net.Listener{}, links: map[*link]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

var errProxyClosed = errors.New("the proxy is closed")

// Dial implements store.Route.
func (p *Proxy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	l, err := p.listener(ctx, upstream{network, address})
	if err != nil {
		return nil, fmt.Errorf("through the proxy to %s: %w", address, err)
	}
	var d net.Dialer
	return d.DialContext(ctx, l.Addr().Network(), l.Addr().String())
}

// listener is the one that connects on to the upstream. An address of the Proxy's own leads to itself: drivers cancel a statement
// by a second connection to wherever the first one went.
func (p *Proxy) listener(ctx context.Context, to upstream) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errProxyClosed
	}
	if l := p.listeners[to]; l != nil {
		return l, nil
	}
	for _, l := range p.listeners {
		if l.Addr().String() == to.address {
			return l, nil
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.listeners[to] = l
	p.running.Go(func() { p.accept(l, to) })
	return l, nil
}

// acceptPause is the wait before the next try where accepting fails, for want of descriptors above all.
const acceptPause = 10 * time.Millisecond

func (p *Proxy) accept(l net.Listener, to upstream) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			_ = harness.Sleep(p.ctx, acceptPause)
			continue
		}
		k := &link{proxy: p, to: to, client: c.(*net.TCPConn), done: make(chan struct{})}
		if !p.add(k) {
			_ = c.Close() // nobody waits for it any more
			return
		}
		p.running.Go(k.serve)
	}
}

func (p *Proxy) add(k *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.links[k] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) remove(k *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, k)
}

// Sever cuts the connections that pick says, on both sides at once, by a reset or by a close as how says. What was on the way is
// lost. It answers how many it cut. Nil for pick: all of them; for how: by resets.
func (p *Proxy) Sever(pick, how func() bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for k := range p.links {
		if pick == nil || pick() {
			k.cut(how == nil || how())
			n++
		}
	}
	return n
}

// Links is how many connections there are.
func (p *Proxy) Links() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Hold lets nothing pass until release is called; then all passes that was held, in order.
func (p *Proxy) Hold() (release func()) {
	g := &gate{open: make(chan struct{})}
	p.gate.Store(g)
	return func() {
		p.gate.Store(nil)
		close(g.open)
	}
}

// Partition lets nothing pass until heal is called, not even the beginning of a connection. Then all connections that there are,
// those that were asked for meanwhile included, are reset; what was held back is thrown away.
func (p *Proxy) Partition() (heal func()) {
	release := p.Hold()
	return func() {
		p.Sever(nil, nil)
		release()
	}
}

// Delay has each message take d longer on its way, in both directions; 0: it does not any more.
func (p *Proxy) Delay(d time.Duration) {
	if d == 0 {
		p.gate.Store(nil)
		return
	}
	p.gate.Store(&gate{delay: d})
}

// CutCommits cuts one in n of the connections on which the server has just acknowledged a commit, instead of delivering the answer.
// All chance comes from seed. It goes on until stop is called.
func (p *Proxy) CutCommits(seed uint64, n int) (stop func()) {
	p.cutter.Store(&cutter{rand: rand.New(rand.NewPCG(seed, uint64(n))), in: n})
	return func() { p.cutter.Store(nil) }
}

// Struck is how many commits were cut off so far.
func (p *Proxy) Struck() int64 { return p.struck.Load() }

// Close cuts all connections, and waits until nothing of the Proxy runs any more.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	for _, l := range p.listeners {
		_ = l.Close() // nothing is lost with a listener
	}
	p.mu.Unlock()
	p.cancel()
	p.Sever(nil, nil)
	p.running.Wait()
	return nil
}

// cutter decides which acknowledged commits are cut off.
type cutter struct {
	mu   sync.Mutex
	rand *rand.Rand
	in   int
}

// strikes decides over a number of commits. reset says by what the connection is to be cut.
func (c *cutter) strikes(commits int) (hit, reset bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range commits {
		hit = hit || c.rand.IntN(c.in) == 0
	}
	return hit, hit && c.rand.IntN(2) == 0
}
