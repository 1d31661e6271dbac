package lock

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/go-zookeeper/zk"
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

func dialZK(address string) (*zkConn, error) {
	c := &zkConn{ended: make(chan struct{}), closing: make(chan struct{})}
	conn, events, err := zk.Connect([]string{address}, zkSession, zk.WithLogger(quiet{}), zk.WithLogInfo(false), zk.WithDialer(c.dial))
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

// make makes a node that stays, if it is not there.
func (c *zkConn) make(path string) error {
	_, err := c.Create(path, nil, 0, zk.WorldACL(zk.PermAll))
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
