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

	"github.com/lastseat/lastseat/targets/wire"
)

// Network is a way to servers that can be broken: a store.Route whose Dial makes connections that wait, break or lose what they carry
// as the Network is told to. What it does to connections it does to all servers alike. Its methods may be called at any time, from
// any goroutine; but what holds messages up (Hold, Partition, Delay) is one thing at a time.
type Network struct {
	protocol wire.Protocol  // in which commits are looked for
	running  sync.WaitGroup // deliveries

	gate   atomic.Pointer[gate]   // what messages meet; nil: nothing
	cutter atomic.Pointer[cutter] // what acknowledged commits meet; nil: nothing
	struck atomic.Int64           // commits that were cut off

	mu     sync.Mutex
	closed bool
	links  map[*link]struct{}
}

// NewNetwork makes a Network for servers of a protocol. The zero Protocol looks at nothing, and is the cheapest. The caller must Close it.
func NewNetwork(protocol wire.Protocol) *Network {
	return &Network{protocol: protocol, links: map[*link]struct{}{}}
}

var errNetworkClosed = errors.New("the network is closed")

// Dial implements store.Route.
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	k := &link{network: n, done: make(chan struct{})}
	if !n.add(k) {
		return nil, errNetworkClosed
	}
	if err := k.connect(ctx, network, address); err != nil {
		k.cut(true)
		return nil, fmt.Errorf("through the network to %s: %w", address, err)
	}
	return k, nil
}

func (n *Network) add(k *link) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.links[k] = struct{}{}
	}
	return !n.closed
}

func (n *Network) remove(k *link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.links, k)
}

// Sever cuts the connections that pick says, on both sides at once, by a reset or by a close as how says. What was on the way is
// lost. It answers how many it cut. Nil for pick: all of them; for how: by resets.
func (n *Network) Sever(pick, how func() bool) int {
	n.mu.Lock()
	var picked []*link
	for k := range n.links {
		if pick == nil || pick() {
			picked = append(picked, k)
		}
	}
	n.mu.Unlock()
	for _, k := range picked {
		k.cut(how == nil || how())
	}
	return len(picked)
}

// Links is how many connections there are.
func (n *Network) Links() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.links)
}

// Hold lets nothing pass until release is called; then all passes that was held, in order.
func (n *Network) Hold() (release func()) {
	g := &gate{open: make(chan struct{})}
	n.gate.Store(g)
	return func() {
		n.gate.Store(nil)
		close(g.open)
	}
}

// Partition lets nothing pass until heal is called, not even the beginning of a connection. Then all connections that there are,
// those that were asked for meanwhile included, are reset; what was held back is thrown away.
func (n *Network) Partition() (heal func()) {
	release := n.Hold()
	return func() {
		n.Sever(nil, nil)
		release()
	}
}

// Delay has each message take d longer on its way, in both directions; 0: it does not any more.
func (n *Network) Delay(d time.Duration) {
	if d == 0 {
		n.gate.Store(nil)
		return
	}
	n.gate.Store(&gate{delay: d})
}

// CutCommits cuts one in so many of the connections on which the server has just acknowledged a commit, instead of delivering the
// answer. All chance comes from seed. It goes on until stop is called.
func (n *Network) CutCommits(seed uint64, in int) (stop func()) {
	n.cutter.Store(&cutter{rand: rand.New(rand.NewPCG(seed, uint64(in))), in: in})
	return func() { n.cutter.Store(nil) }
}

// Struck is how many commits were cut off so far.
func (n *Network) Struck() int64 { return n.struck.Load() }

// Close cuts all connections, and waits until nothing of the Network runs any more.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.Sever(nil, nil)
	n.running.Wait()
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
