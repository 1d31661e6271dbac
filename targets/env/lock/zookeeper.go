package lock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

// zkSession is how long a session lives without a sign of its holder. Its connection gives signs in the background: a holder that
// stops for less than this keeps its locks.
const zkSession = 20 * time.Second

// zkLocks are ephemeral sequential nodes, as ZooKeeper's recipe for locks has them: the lowest holds the lock, and each waits for
// the one before it.
type zkLocks struct {
	design  *design
	servers *zkServers
	terms   terms
	root    string // of the row's nodes
	begun   bool   // here, and is to be forgotten
}

func openZooKeeper(ctx context.Context, d *design, opt store.ComponentOptions) (service, error) {
	if own := opt.Backends[zkBackend]; own != "" {
		servers, err := connectZK(ctx, own, opt.Clients)
		if err != nil {
			return nil, err
		}
		return &zkLocks{design: d, servers: servers}, nil
	}
	_, server, err := local.Resolve(ctx, zookeeperProgram(), "", local.Options{MaxConnections: zkConnections})
	if err != nil {
		return nil, err
	}
	login := zkUser + ":" + server.Password()
	return &zkLocks{design: d, servers: &zkServers{
		process: server, hosts: []string{server.Address()}, login: login, address: "zookeeper://" + login + "@" + server.Address(),
	}}, nil
}

// zkConnections is one for each client that there may be, and again for those whose locks are kept.
const zkConnections = 4096

// begin makes the row's folder, in a session that is not as short as the clients' may be: that of one whose server answers late is lost. Folders of cells
// come with the first who asks for them.
func (z *zkLocks) begin(_ context.Context, t terms, _ int) error {
	z.servers.lasts = 0
	c, err := z.servers.session()
	z.servers.lasts = t.lasts
	if err != nil {
		return err
	}
	defer c.close()
	err = z.forget(c)
	z.terms, z.root, z.begun = t, z.servers.newRoot(), true
	return errors.Join(err, c.make(z.root))
}

// forget takes the nodes of the last row away from the user's servers. A throwaway one takes them along.
func (z *zkLocks) forget(c *zkConn) error {
	if z.servers.process != nil || !z.begun {
		return nil
	}
	z.begun = false
	if err := c.remove(z.root); err != nil {
		return z.servers.left(z.root, err)
	}
	return nil
}

func (z *zkLocks) share() attachment { return attachment{Address: z.servers.address, Space: z.root} }

func (z *zkLocks) join(t terms, space string) error {
	z.terms, z.root, z.servers.lasts = t, space, t.lasts
	return nil
}

// unstopped says why no session ends while its process stands still.
func (z *zkLocks) unstopped() string {
	if z.servers.process == nil {
		return "the ZooKeeper at " + z.servers.where() + " is yours, and may keep a session for longer than lastseat can have a process stand still; leave --zookeeper out"
	}
	return ""
}

func (z *zkLocks) locker(int) Locker { return &zkLocker{all: z, made: map[harness.Cell]bool{}} }

func (z *zkLocks) mortals() ([]store.Mortal, string) {
	if z.servers.process == nil {
		return nil, "its locks are in the ZooKeeper at " + z.servers.where() + ", which is yours, and lastseat kills only servers that it started; leave --zookeeper out"
	}
	return []store.Mortal{z.servers.process}, ""
}

func (z *zkLocks) backend() *store.BackendInfo {
	if s := z.servers; s.process == nil {
		return &store.BackendInfo{Product: "ZooKeeper", Version: s.version(), Where: s.where()}
	}
	return &store.BackendInfo{Product: "ZooKeeper", Version: z.servers.process.Binary().Version, Throwaway: true}
}

func (z *zkLocks) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if z.servers.process != nil {
		return z.servers.process.Stop(ctx)
	}
	if !z.begun {
		return nil
	}
	c, err := z.servers.reach(ctx)
	if err != nil {
		return z.servers.left(z.root, err)
	}
	defer c.close()
	return z.forget(c)
}

// zkLocker is a client with a session of its own.
type zkLocker struct {
	all  *zkLocks
	conn *zkConn // nil before the first lock
	made map[harness.Cell]bool
}

// Lock puts a node at the end of the cell's line, and waits until there is none before it.
func (l *zkLocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, l.all.terms.wait)
	defer cancel()
	lease, err := l.enqueue(c)
	if err == nil {
		if err = lease.await(ctx); err == nil && l.all.design.fenced {
			err = lease.number()
		}
		if err != nil {
			err = errors.Join(err, lease.leave())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("lock cell %d: %w", c, errors.Join(ErrBusy, err))
	}
	return lease, nil
}

// enqueue makes the client's node. Its name is known even where the answer is lost.
func (l *zkLocker) enqueue(c harness.Cell) (*zkLease, error) {
	if l.conn == nil {
		conn, err := l.all.servers.session()
		if err != nil {
			return nil, err
		}
		l.conn = conn
	}
	dir := l.all.root + "/" + strconv.Itoa(int(c))
	node, err := "", zk.ErrNoNode
	for tries := 0; errors.Is(err, zk.ErrNoNode) && tries < 3; tries++ { // the servers may have taken a folder away, since it was empty
		if !l.made[c] {
			if err := errors.Join(l.conn.make(l.all.root), l.conn.make(dir)); err != nil {
				return nil, err
			}
			l.made[c] = true
		}
		node, err = l.conn.CreateProtectedEphemeralSequential(dir+"/n-", nil, l.all.servers.ours())
		l.made[c] = err == nil
	}
	if err != nil {
		// Whether it is there nobody knows: the session's end takes it away.
		_ = l.Close()
		return nil, err
	}
	return &zkLease{locker: l, conn: l.conn, dir: dir, node: node}, nil
}

// Close ends the session, and with it all of its nodes.
func (l *zkLocker) Close() error {
	if l.conn != nil {
		l.conn.close()
		l.conn = nil
	}
	return nil
}

// zkLease is a node.
type zkLease struct {
	locker *zkLocker
	conn   *zkConn
	dir    string
	node   string // its whole path
	czxid  int64
}

// await waits until no node is before its own.
func (l *zkLease) await(ctx context.Context) error {
	for {
		before, err := l.before()
		if err != nil || before == "" {
			return err
		}
		there, _, gone, err := l.conn.ExistsW(l.dir + "/" + before)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		select {
		case <-gone: // or the connection was lost: the look that follows tells
		case <-ctx.Done():
			return ErrBusy
		}
	}
}

// before is the node before its own; empty: there is none.
func (l *zkLease) before() (string, error) {
	nodes, _, err := l.conn.Children(l.dir)
	if err != nil {
		return "", err
	}
	slices.SortFunc(nodes, func(a, b string) int { return cmp.Compare(sequence(a), sequence(b)) })
	i := slices.Index(nodes, l.node[len(l.dir)+1:])
	switch {
	case i < 0:
		return "", errLost
	case i == 0:
		return "", nil
	}
	return nodes[i-1], nil
}

// sequence is the number that ZooKeeper gave a node: what follows the last dash.
func sequence(node string) string { return node[strings.LastIndexByte(node, '-')+1:] }

// number asks for the transaction that made the node. Transactions of all nodes are numbered in one row.
func (l *zkLease) number() error {
	there, stat, err := l.conn.Exists(l.node)
	if err == nil && !there {
		err = errLost
	}
	if err == nil {
		l.czxid = stat.Czxid
	}
	return err
}

// leave takes the node away; where that fails, the session with it.
func (l *zkLease) leave() error {
	err := l.Unlock(context.Background())
	if err != nil {
		err = errors.Join(err, l.locker.Close())
	}
	return err
}

// Unlock takes the node away.
func (l *zkLease) Unlock(context.Context) error {
	err := l.conn.Delete(l.node, -1)
	if errors.Is(err, zk.ErrNoNode) {
		return nil
	}
	return err
}

// Token is the transaction that made the node.
func (l *zkLease) Token() int64 { return l.czxid }

// Held goes by the session.
func (l *zkLease) Held(context.Context) bool { return !l.conn.expired.Load() }
