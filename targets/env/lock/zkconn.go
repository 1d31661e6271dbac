package lock

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/lastseat/lastseat/targets/local"
)

// zkConn is a session with ZooKeeper.
type zkConn struct {
	*zk.Conn
	expired atomic.Bool   // the server has ended the session
	ended   chan struct{} // closed when nothing is left of it
	closing chan struct{}
}

// zkRetry is how often a server that is away is tried again.
const zkRetry = 20 * time.Millisecond

func dialZK(server *local.Server) (*zkConn, error) {
	c := &zkConn{ended: make(chan struct{}), closing: make(chan struct{})}
	conn, events, err := zk.Connect([]string{server.Address()}, zkSession, zk.WithLogger(quiet{}), zk.WithLogInfo(false), zk.WithDialer(c.dial))
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
	// The library logs in again by itself after each reconnect.
	if err := c.AddAuth("digest", []byte(zkUser+":"+server.Password())); err != nil {
		c.close()
		return nil, fmt.Errorf("log in to ZooKeeper: %w", err)
	}
	return c, nil
}

// dial tries for as long as the library lets it: between two calls of this it waits for a second.
func (c *zkConn) dial(network, address string, timeout time.Duration) (net.Conn, error) {
	for deadline := time.Now().Add(timeout); ; {
		conn, err := net.DialTimeout(network, address, timeout)
		if err == nil || time.Now().After(deadline) {
			return conn, err
		}
		select {
		case <-time.After(zkRetry):
		case <-c.closing:
			return nil, err
		}
	}
}

// ours lets those who know the server's password do all, and others nothing: a node does not take over the rights of the one above.
func ours() []zk.ACL { return zk.AuthACL(zk.PermAll) }

// make makes a node that stays, if it is not there.
func (c *zkConn) make(path string) error {
	_, err := c.Create(path, nil, 0, ours())
	if errors.Is(err, zk.ErrNodeExists) {
		return nil
	}
	return err
}

// close ends the session, and waits for what the library began.
func (c *zkConn) close() {
	close(c.closing)
	c.Close()
	<-c.ended
}

// quiet is a logger of libraries: what they meet, they also return.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
