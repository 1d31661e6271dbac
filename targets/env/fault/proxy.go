package fault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/nonblock"
)

// Proxy leads programs through a Network by sockets: a store.Route whose Dial connects to a listener of the Proxy's own, on loopback,
// which goes on through the Network to the address that was asked for. Each address has a listener of its own, so no connection can be
// taken for one to another server.
type Proxy struct {
	through *Network
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu        sync.Mutex
	listeners map[upstream]net.Listener
}

// upstream is where connections are to go.
type upstream struct{ network, address string }

// NewProxy makes a Proxy. The caller must Close it; the Network stays the caller's.
func NewProxy(through *Network) *Proxy {
	p := &Proxy{through: through, listeners: map[upstream]net.Listener{}}
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
	if p.ctx.Err() != nil {
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
		p.running.Go(func() { p.serve(nonblock.Conn(c).(socket), to) })
	}
}

// serve copies between a client and a link, until either ends.
func (p *Proxy) serve(client socket, to upstream) {
	k, err := p.through.dial(p.ctx, to.network, to.address)
	if err != nil {
		end(client, true) // as near as a client can be told that there is nobody
		return
	}
	var both sync.WaitGroup
	both.Go(func() { k.relay(k, client) })
	both.Go(func() { k.relay(client, k) })
	p.running.Go(func() {
		both.Wait()
		_ = k.Close() // it fails where it was cut
	})
	select {
	case <-k.done:
	case <-p.ctx.Done():
		k.cut(true)
	}
	end(client, k.reset)
	both.Wait()
}

// end ends a client's connection, by a reset or by a close.
func end(client socket, reset bool) {
	if reset {
		_ = client.SetLinger(0) // it fails where the connection is lost anyway
	}
	_ = client.Close() // so does this
}

// half is a connection that can end in one direction.
type half interface {
	net.Conn
	CloseWrite() error
}

// socket is a connection that can be reset, too.
type socket interface {
	half
	SetLinger(seconds int) error
}

// relay copies, and passes on that one side has said all that it has to say; where it broke off instead, both end.
func (k *link) relay(to, from half) {
	if _, err := io.Copy(to, from); err != nil {
		k.cut(true)
		return
	}
	if !isClosed(k.done) {
		_ = to.CloseWrite() // it fails where the other side has gone already
	}
}

// Close ends all connections, and waits until nothing of the Proxy runs any more.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.cancel()
	for _, l := range p.listeners {
		_ = l.Close() // nothing is lost with a listener
	}
	p.mu.Unlock()
	p.running.Wait()
	return nil
}
