package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/local"
)

var zkForm = addressForm{
	schemes: []string{"zookeeper", "zookeepers"}, options: []string{"skip_verify", "cacert", "cert", "key"}, port: "2181",
	like: "host:2181,host:2181/chroot, or zookeeper://user:password@host:2181 (zookeepers:// for TLS)",
}

// zkAddress is the ensemble that an address names.
func zkAddress(text string) (*zkServers, error) {
	a, err := zkForm.parse(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	s := &zkServers{address: text, hosts: a.hosts, above: strings.TrimSuffix(a.path, "/")}
	if a.user != "" || a.password != "" {
		if a.user == "" || a.password == "" {
			return nil, fmt.Errorf("a login is a user and a password; write %s", zkForm.like)
		}
		s.login = a.user + ":" + a.password
	}
	s.tls, err = a.tls(a.scheme == "zookeepers")
	return s, err
}

func (s *zkServers) where() string { return strings.Join(s.hosts, ",") }

// version is what a server tells by the word srvr; empty: it does not, or TLS keeps the word from it.
func (s *zkServers) version() string {
	if s.tls != nil {
		return ""
	}
	d := net.Dialer{Timeout: dialWithin}
	conn, err := d.Dial("tcp", s.hosts[0])
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(dialWithin)) // a failure shows at what comes next
	return local.Submatch(regexp.MustCompile(`Zookeeper version: (\d+\.\d+\.\d+)`), letters(conn, "srvr"))
}

func (s *zkServers) newRoot() string { return s.above + "/lastseat-" + rand.Text() }

// connectZK looks whether the user's ensemble would keep locks for so many clients.
func connectZK(ctx context.Context, text string, clients int) (*zkServers, error) {
	s, err := zkAddress(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	c, err := s.reach(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	root := s.newRoot()
	if err := c.make(root); err != nil {
		return nil, s.refusal(err)
	}
	if err := c.remove(root); err != nil {
		return nil, s.left(root, err)
	}
	return s, s.enough(ctx, clients)
}

// reach opens a session, waits until it is there, and logs in.
func (s *zkServers) reach(ctx context.Context) (*zkConn, error) {
	c, err := s.open()
	if err != nil {
		return nil, err
	}
	for c.State() != zk.StateHasSession {
		if harness.Sleep(ctx, 10*time.Millisecond) == nil {
			continue
		}
		last, _ := c.refused.Load().(failure)
		refused := last.error
		c.close()
		var dial *net.OpError
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return nil, ctx.Err()
		case errors.As(refused, &dial) && dial.Op == "dial":
			return nil, fmt.Errorf("cannot reach ZooKeeper at %s: %w; start the servers, or correct the address", s.where(), innermost(refused))
		case refused != nil:
			return nil, fmt.Errorf("no TLS with ZooKeeper at %s: %w; correct the certificates, or write zookeeper:// where it has no TLS", s.where(), innermost(refused))
		}
		return nil, fmt.Errorf("what answers at %s gives no session within %v: it is no ZooKeeper, or one without a majority of its servers, or without a connection free (maxClientCnxns); correct the address, or mend the servers", s.where(), askWithin)
	}
	if err := c.logIn(); err != nil {
		return nil, err
	}
	return c, nil
}

// enough opens a session a client: servers limit how many connections an address may have (maxClientCnxns).
func (s *zkServers) enough(ctx context.Context, clients int) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin/2)
	defer cancel()
	var all []*zkConn
	defer func() {
		for _, c := range all {
			c.close()
		}
	}()
	for range clients {
		c, err := s.open()
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	for {
		open := 0
		for _, c := range all {
			if c.State() == zk.StateHasSession {
				open++
			}
		}
		switch {
		case open == clients:
			return nil
		case harness.Sleep(ctx, 10*time.Millisecond) == nil:
		case errors.Is(ctx.Err(), context.Canceled):
			return ctx.Err()
		default:
			return fmt.Errorf("too few connections: each of %d clients needs one, and ZooKeeper at %s gives this machine some %d; raise its maxClientCnxns, or ask for fewer clients with -c", clients, s.where(), open)
		}
	}
}

// refusal is why a node could not be made.
func (s *zkServers) refusal(err error) error {
	above := s.above
	if above == "" {
		above = "/"
	}
	switch {
	case errors.Is(err, zk.ErrNoAuth), errors.Is(err, zk.ErrInvalidACL):
		return fmt.Errorf("no right to make nodes in %s of ZooKeeper at %s: %w; setAcl %s so that the login may create and delete there, or name another in zookeeper://user:password@…", above, s.where(), err, above)
	case errors.Is(err, zk.ErrNoNode):
		return fmt.Errorf("ZooKeeper at %s has no node %s; make it (create %s), or correct the address", s.where(), above, above)
	}
	return fmt.Errorf("ZooKeeper at %s makes no container nodes: %w; they need version 3.5 or later, and servers that take writes", s.where(), err)
}

// left says what stays on the user's servers.
func (s *zkServers) left(root string, err error) error {
	return fmt.Errorf("node %s is left in ZooKeeper at %s: %w; the servers take it away some minutes after its locks are gone, or: zkCli.sh deleteall %s", root, s.where(), innermost(err), root)
}
