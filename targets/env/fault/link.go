package fault

import (
	"errors"
	"io"
	"net"
	"sync"

	"github.com/lastseat/lastseat/targets/wire"
)

// link is one connection through a Proxy: that of the client, and the one to the server that goes with it.
type link struct {
	proxy  *Proxy
	to     upstream
	client *net.TCPConn
	done   chan struct{} // closed by cut

	mu     sync.Mutex
	server net.Conn // nil until it is connected
	ended  bool
}

// bufferSize is as much as is passed on at once. Messages are far smaller.
const bufferSize = 16 << 10

// serve connects on to the server, and copies until either side ends.
func (k *link) serve() {
	defer k.proxy.remove(k)
	defer k.cut(false)
	if !k.pass() {
		return
	}
	var d net.Dialer
	server, err := d.DialContext(k.proxy.ctx, k.to.network, k.to.address)
	if err != nil {
		k.cut(true) // as near as a client can be told that there is nobody
		return
	}
	if !k.connected(server) {
		return
	}
	var watch *wire.Conn
	if k.proxy.protocol.Known() {
		watch = k.proxy.protocol.NewConn(wire.Options{CommitsOnly: true})
	}
	var answers sync.WaitGroup
	answers.Go(func() { k.answers(server, watch) })
	k.asks(server, watch)
	answers.Wait()
}

// connected takes in the connection to the server; false: the link has been cut already.
func (k *link) connected(server net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		_ = server.Close() // nothing was said on it
		return false
	}
	k.server = server
	return true
}

// asks copies what the client sends. Go sets TCP_NODELAY by itself, and what is as short as a statement is copied cheaper than
// spliced.
func (k *link) asks(server net.Conn, watch *wire.Conn) {
	buf := make([]byte, bufferSize)
	for {
		n, err := k.client.Read(buf)
		on := buf[:n]
		if n > 0 && watch != nil {
			step := watch.Client(on)
			on = step.On
			if len(step.Back) > 0 && !k.write(k.client, step.Back) {
				return
			}
		}
		if len(on) > 0 && !k.write(server, on) {
			return
		}
		if err != nil {
			k.half(server, err)
			return
		}
	}
}

// answers copies what the server sends.
func (k *link) answers(server net.Conn, watch *wire.Conn) {
	buf := make([]byte, bufferSize)
	for {
		n, err := server.Read(buf)
		on := buf[:n]
		if n > 0 && watch != nil {
			step := watch.Server(on)
			on = step.On
			if k.struck(commits(step.Events)) {
				return
			}
		}
		if len(on) > 0 && !k.write(k.client, on) {
			return
		}
		if err != nil {
			k.half(k.client, err)
			return
		}
	}
}

// write passes bytes on; false: the link has ended.
func (k *link) write(to net.Conn, b []byte) bool {
	if !k.pass() {
		return false
	}
	if _, err := to.Write(b); err != nil {
		k.cut(true)
		return false
	}
	return true
}

// commits is how many commits the answers acknowledge: the client does not know of those before it has all of the bytes.
func commits(events []wire.Event) (n int) {
	for _, e := range events {
		if e.Answer != nil && e.Answer.Commit {
			n++
		}
	}
	return n
}

// struck cuts the link if one of so many commits is to be cut off.
func (k *link) struck(commits int) bool {
	c := k.proxy.cutter.Load()
	if c == nil || commits == 0 {
		return false
	}
	hit, reset := c.strikes(commits)
	if hit {
		k.cut(reset)
		k.proxy.struck.Add(1)
	}
	return hit
}

// half passes on that one side has said all that it has to say; where it broke off instead, both end.
func (k *link) half(to net.Conn, err error) {
	c, can := to.(interface{ CloseWrite() error })
	if !errors.Is(err, io.EOF) || !can {
		k.cut(true)
		return
	}
	if k.pass() {
		_ = c.CloseWrite() // it fails where the other side has gone already
	}
}

// cut ends the link on both sides, by a reset or by a close. What is on the way is lost.
func (k *link) cut(reset bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return
	}
	k.ended = true
	close(k.done)
	for _, c := range []net.Conn{k.client, k.server} {
		if t, ok := c.(*net.TCPConn); ok && reset {
			_ = t.SetLinger(0) // it fails where the connection is lost anyway
		}
		if c != nil {
			_ = c.Close() // so does this
		}
	}
}
