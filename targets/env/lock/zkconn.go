package lock

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/lastseat/lastseat/targets/local"
)

// zkConn is a session with ZooKeeper.
type zkConn struct {
	*zk.Conn
	servers *zkServers
	refused atomic.Value // why there was no connection the last time, a failure
	expired atomic.Bool  // the server has ended the session
	mu      sync.Mutex
	heard   net.Conn      // the connection; nil: there is none
	ended   chan struct{} // closed when nothing is left of it
	closing chan struct{}
}

// failure is an error, or none.
type failure struct{ error }

// zkRetry is how often a server that is away is tried again.
const zkRetry = 20 * time.Millisecond

// zkServers are a throwaway server, or those of the user's, and how sessions come about with them.
type zkServers struct {
	process *local.Server // nil: they are the user's
	hosts   []string
	address string // as --zookeeper takes it
	login   string // user:password, of the scheme digest; empty: nobody
	tls     *tls.Config
	lasts   time.Duration // of sessions without a sign; 0: zkSession
	above   string        // the node that all others are made in; empty: the root
}

// session opens one and logs in. It is there once something was asked of it.
func (s *zkServers) session() (*zkConn, error) {
	c, err := s.open()
	if err == nil {
		err = c.logIn()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// open opens a session of nobody's.
func (s *zkServers) open() (*zkConn, error) {
	c := &zkConn{servers: s, ended: make(chan struct{}), closing: make(chan struct{})}
	conn, events, err := zk.Connect(s.hosts, cmp.Or(s.lasts, zkSession), zk.WithLogger(quiet{}), zk.WithLogInfo(false), zk.WithDialer(c.dial))
	if err != nil {
		return nil, fmt.Errorf("open a session with ZooKeeper: %w", err)
	}
	c.Conn = conn
	go func() {
		defer close(c.ended)
		for e := range events { // until the library has ended all that it began
			if e.State == zk.StateExpired {
				c.expired.Store(true)
			}
		}
	}()
	return c, nil
}

// logIn says who the session is, where that was said, or closes it. The library logs in again by itself after each reconnect.
func (c *zkConn) logIn() error {
	if c.servers.login == "" {
		return nil
	}
	if err := c.AddAuth("digest", []byte(c.servers.login)); err != nil {
		c.close()
		return fmt.Errorf("log in to ZooKeeper: %w", err)
	}
	return nil
}

// dial tries for as long as the library lets it: between two calls of this it waits for a second.
func (c *zkConn) dial(network, address string, timeout time.Duration) (net.Conn, error) {
	for deadline := time.Now().Add(timeout); ; {
		conn, err := c.connect(network, address, timeout)
		c.refused.Store(failure{err})
		c.hear(conn)
		if err == nil || time.Now().After(deadline) || c.servers.process == nil { // of several servers the next one is tried
			return conn, err
		}
		select {
		case <-time.After(zkRetry):
		case <-c.closing:
			return nil, err
		}
	}
}

// hear makes conn the connection, and closes the one before: the library waits for minutes for a server that does not answer.
func (c *zkConn) hear(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard != nil {
		_ = c.heard.Close() // it may be closed already
	}
	c.heard = conn
}

func (c *zkConn) connect(network, address string, timeout time.Duration) (net.Conn, error) {
	d := &net.Dialer{Timeout: timeout}
	conn, err := d.Dial(network, address)
	if err != nil || c.servers.tls == nil {
		return conn, err
	}
	config := c.servers.tls.Clone()
	config.ServerName, _, _ = net.SplitHostPort(address) // the addresses were read so
	secure := tls.Client(conn, config)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // it is of no use
		return nil, fmt.Errorf("begin TLS: %w", err)
	}
	return secure, nil
}

// ours lets those who know the password do all, and others nothing: a node does not take over the rights of the one above. Where nobody
// logs in, there is nobody to keep out.
func (s *zkServers) ours() []zk.ACL {
	if s.login == "" {
		return zk.WorldACL(zk.PermAll)
	}
	return zk.AuthACL(zk.PermAll)
}

// make makes a node that others are made in, if it is not there. It is a container: the servers take it away some time after the last
// of these is gone, also where nobody else does, because a run was killed.
func (c *zkConn) make(path string) error {
	_, err := c.CreateContainer(path, nil, zk.FlagContainer, c.servers.ours())
	if errors.Is(err, zk.ErrNodeExists) {
		return nil
	}
	return err
}

// remove takes a node away, with all that is in it.
func (c *zkConn) remove(path string) error {
	nodes, _, err := c.Children(path)
	for _, n := range nodes {
		err = errors.Join(err, c.remove(path+"/"+n))
	}
	if err == nil {
		err = c.Delete(path, -1)
	}
	if errors.Is(err, zk.ErrNoNode) {
		return nil
	}
	return err
}

// close ends the session, and waits for what the library began.
func (c *zkConn) close() {
	if c == nil {
		return
	}
	close(c.closing)
	c.Close()
	c.hear(nil)
	<-c.ended
}

// quiet is a logger of libraries: what they meet, they also return.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
