package lock

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

// etcdLocks are etcd's own, by its package concurrency: a key bound to a lease, the oldest of which holds the lock.
type etcdLocks struct {
	design *design
	server *etcdServers
	terms  terms
	prefix string // of the row's keys
	begun  bool   // the row was, here, and is to be forgotten
}

// etcdServers are a throwaway server, or those of the user's.
type etcdServers struct {
	process  *local.Server // nil: they are the user's
	client   *clientv3.Client
	where    string
	address  string        // as --etcd takes it
	shortest time.Duration // lease that they grant
}

func openEtcd(ctx context.Context, d *design, opt store.ComponentOptions) (service, error) {
	if own := opt.Backends[etcdBackend]; own != "" {
		s, err := connectEtcd(ctx, own)
		if err != nil {
			return nil, err
		}
		return &etcdLocks{design: d, server: s}, nil
	}
	_, process, err := local.Resolve(ctx, etcdProgram(), "", local.Options{})
	if err != nil {
		return nil, err
	}
	s := &etcdServers{process: process, where: process.Address(), address: etcdFilesAddress(process), shortest: leaseUnit}
	config, err := etcdTLS(process.Password())
	if err == nil {
		s.client, err = newEtcdClient([]string{process.DSN()}, "", "", config)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &etcdLocks{design: d, server: s}, nil
}

// leaseUnit: leases are counted in whole seconds.
const leaseUnit = time.Second

// newEtcdClient connects when it is used; with a user, at once.
func newEtcdClient(endpoints []string, user, password string, config *tls.Config) (*clientv3.Client, error) {
	again := backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 200 * time.Millisecond}
	return clientv3.New(clientv3.Config{
		Endpoints: endpoints, Username: user, Password: password, TLS: config, DialTimeout: dialWithin, Logger: zap.NewNop(),
		DialKeepAliveTime: 10 * time.Second, DialKeepAliveTimeout: 5 * time.Second, // a server that stands still is given up
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{Backoff: again, MinConnectTimeout: time.Second})},
	})
}

func (s *etcdServers) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var err error
	if s.client != nil {
		if err = s.client.Close(); errors.Is(err, context.Canceled) {
			err = nil // what it was told to do
		}
	}
	if s.process != nil {
		err = errors.Join(err, s.process.Stop(ctx))
	}
	return err
}

func newEtcdPrefix() string { return "lastseat/" + rand.Text() + "/" }

func (e *etcdLocks) begin(ctx context.Context, t terms, _ int) error {
	err := e.forget(ctx)
	e.terms, e.prefix, e.begun = t, newEtcdPrefix(), true
	return err
}

func (e *etcdLocks) share() attachment { return attachment{Address: e.server.address, Space: e.prefix} }

func (e *etcdLocks) join(t terms, space string) error {
	e.terms, e.prefix = t, space
	return nil
}

// forget deletes the keys of the last row from the user's servers. Those that clients gave back are gone, and the others end with their leases.
func (e *etcdLocks) forget(ctx context.Context) error {
	if e.server.process != nil || !e.begun {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	e.begun = false
	if _, err := e.server.client.Delete(ctx, e.prefix, clientv3.WithPrefix()); err != nil {
		return fmt.Errorf("keys %s* may be left in etcd at %s: %w; they end with their leases, within %v", e.prefix, e.server.where, innermost(err), longExpiry)
	}
	return nil
}

func (e *etcdLocks) backend() *store.BackendInfo {
	s := e.server
	info := &store.BackendInfo{Product: "etcd", Throwaway: s.process != nil}
	if s.process == nil {
		info.Where = s.where
	}
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	if said, err := s.client.Status(ctx, s.client.Endpoints()[0]); err == nil { // else its user may not ask
		info.Version = said.Version
	}
	return info
}

func (e *etcdLocks) mortals() ([]store.Mortal, string) {
	if e.server.process == nil {
		return nil, "its locks are in the etcd at " + e.server.where + ", which is yours, and lastseat kills only servers that it started; leave --etcd out"
	}
	return []store.Mortal{e.server.process}, ""
}

// shortest is the shortest life that a lock can be given here.
func (e *etcdLocks) shortest() time.Duration { return e.server.shortest }

func (e *etcdLocks) locker(int) Locker { return &etcdLocker{all: e} }

func (e *etcdLocks) Close() error {
	return errors.Join(e.forget(context.Background()), e.server.close())
}

// session has a lease, which it renews in the background.
func (e *etcdLocks) session(ctx context.Context) (*concurrency.Session, error) {
	seconds := max(1, int((e.terms.expiry+leaseUnit-1)/leaseUnit))
	lease, err := e.server.client.Grant(ctx, int64(seconds))
	if err != nil {
		return nil, err
	}
	return concurrency.NewSession(e.server.client, concurrency.WithTTL(seconds), concurrency.WithLease(lease.ID))
}

// end ends a session, and its lease with all locks bound to it.
func (e *etcdLocks) end(s *concurrency.Session) error {
	s.Orphan()
	ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
	defer cancel()
	_, err := e.server.client.Revoke(ctx, s.Lease())
	return err
}

// etcdLocker is a client. Where holders renew their locks it has one session; elsewhere each lock has one of its own, which is renewed
// until it is had.
type etcdLocker struct {
	all    *etcdLocks
	shared *concurrency.Session
}

// Lock puts a key at the end of the cell's line, and waits until there is none before it.
func (l *etcdLocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, l.all.terms.wait)
	defer cancel()
	lease, err := l.lock(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("lock cell %d: %w", c, errors.Join(ErrBusy, err))
	}
	return lease, nil
}

func (l *etcdLocker) lock(ctx context.Context, c harness.Cell) (*etcdLease, error) {
	s := l.shared
	if s != nil && ended(s) {
		s = nil
	}
	if s == nil {
		var err error
		if s, err = l.all.session(ctx); err != nil {
			return nil, err
		}
	}
	if l.all.terms.renew {
		l.shared = s
	}
	m := concurrency.NewMutex(s, l.all.prefix+strconv.Itoa(int(c)))
	if err := m.Lock(ctx); err != nil {
		// Whether its key is there nobody knows: the session's end takes it away.
		l.shared = nil
		return nil, errors.Join(err, l.all.end(s))
	}
	if !l.all.terms.renew {
		s.Orphan()
	}
	return &etcdLease{locker: l, session: s, mutex: m, revision: m.Header().GetRevision()}, nil
}

// Close ends the session, and with it all of its locks.
func (l *etcdLocker) Close() error {
	if l.shared == nil {
		return nil
	}
	s := l.shared
	l.shared = nil
	_ = l.all.end(s) // else its lease expires
	return nil
}

func ended(s *concurrency.Session) bool {
	select {
	case <-s.Done():
		return true
	default:
		return false
	}
}

// etcdLease is a key.
type etcdLease struct {
	locker   *etcdLocker
	session  *concurrency.Session
	mutex    *concurrency.Mutex
	revision int64
}

// Unlock takes the key away; one of a lease of its own with that.
func (l *etcdLease) Unlock(ctx context.Context) error {
	_, err := l.locker.all.server.client.Delete(ctx, l.mutex.Key())
	if err == nil && !l.locker.all.terms.renew {
		_ = l.locker.all.end(l.session) // it holds nothing, and expires
	}
	return err
}

// Token is the store's revision when the lock was had: every change makes a higher one, and before the next holder the key of this one is
// deleted.
func (l *etcdLease) Token() int64 { return l.revision }

// Held goes by the lease's renewals.
func (l *etcdLease) Held(context.Context) bool { return !ended(l.session) }
