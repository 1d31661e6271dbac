package lock

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// redlockServers is how many servers keep each lock: the majority of three survives one.
const redlockServers = 3

// redlocks are Redlock's, by go-redsync. A server that comes back empty while a lock lives would let another majority come about:
// the ones that hold it now often are just two. So the servers write each lock to disk before they answer. (The other remedy is
// to keep a server away, after its death, for as long as locks live.)
type redlocks struct {
	servers []*redisServer
	sync    *redsync.Redsync
	terms   terms
	prefix  string
	cannot  string // why there are no such rows with the user's servers; empty: there are
}

func openRedlock(ctx context.Context, _ *design, opt store.ComponentOptions) (service, error) {
	r := &redlocks{}
	if own := opt.Backends[redisBackend]; own != "" {
		named, err := redisURLs(own)
		if err != nil {
			return nil, err
		}
		if len(named) < redlockServers {
			r.cannot = fmt.Sprintf("it asks a majority of at least %d Redis servers that know nothing of each other, and --redis names %d; name all of them, divided by commas", redlockServers, len(named))
			return r, nil
		}
		if r.servers, err = connectRedis(ctx, own, len(named), opt.Clients); err != nil {
			return nil, err
		}
	} else if err := r.start(ctx, opt); err != nil {
		return nil, err
	}
	var pools []redis.Pool
	for _, s := range r.servers {
		pools = append(pools, goredis.NewPool(s.client))
	}
	r.sync = redsync.New(pools...)
	return r, nil
}

// start starts throwaway servers.
func (r *redlocks) start(ctx context.Context, opt store.ComponentOptions) error {
	for range redlockServers {
		s, err := startRedis(ctx, opt, onDisk()...)
		if err != nil {
			return errors.Join(err, r.Close())
		}
		r.servers = append(r.servers, s)
	}
	return nil
}

func (r *redlocks) begin(ctx context.Context, t terms, cells int) error {
	var errs []error
	r.terms, r.prefix = t, newRedisPrefix()
	for _, s := range r.servers {
		errs = append(errs, s.forget(ctx))
		s.prefix, s.cells = r.prefix, cells
	}
	return errors.Join(errs...)
}

func (r *redlocks) share() attachment {
	var all []string
	for _, s := range r.servers {
		all = append(all, s.address)
	}
	return attachment{Address: strings.Join(all, ","), Space: r.prefix}
}

func (r *redlocks) join(t terms, space string) error {
	r.terms, r.prefix = t, space
	return nil
}

func (r *redlocks) unable() string                    { return r.cannot }
func (r *redlocks) locker(int) Locker                 { return &redlocker{all: r} }
func (r *redlocks) mortals() ([]store.Mortal, string) { return mortalRedis(r.servers...) }

func (r *redlocks) backend() *store.BackendInfo {
	if len(r.servers) == 0 {
		return nil
	}
	info := r.servers[0].backend()
	if info.Note = fmt.Sprintf("%d servers", len(r.servers)); !info.Throwaway {
		var where []string
		for _, s := range r.servers {
			where = append(where, s.where)
		}
		info.Where = strings.Join(where, ",")
	}
	return info
}

func (r *redlocks) Close() error {
	var errs []error
	for _, s := range r.servers {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// redlocker is a client's.
type redlocker struct{ all *redlocks }

// Lock tries until a majority of the servers agree, and takes back what it has where they do not.
func (l *redlocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	m := l.all.sync.NewMutex(l.all.prefix+strconv.Itoa(int(c)), redsync.WithExpiry(l.all.terms.expiry), redsync.WithTries(1),
		redsync.WithTimeoutFactor(timeoutFactor))
	err := poll(ctx, l.all.terms.wait, func(ctx context.Context) (bool, error) {
		err := m.TryLockContext(ctx)
		return err == nil, err
	})
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", m.Name(), err)
	}
	return &redlease{mutex: m, expiry: l.all.terms.expiry}, nil
}

// timeoutFactor is the share of a lock's life that the servers have to answer. The library's own, a twentieth, is less than a disk
// needs where locks live for 40 ms.
const timeoutFactor = 0.5

// Close has no session to end.
func (l *redlocker) Close() error { return nil }

// redlease is a majority's.
type redlease struct {
	mutex  *redsync.Mutex
	expiry time.Duration
}

// Unlock gives it back where it is still held. What servers that are away keep expires.
func (l *redlease) Unlock(ctx context.Context) error {
	_, _ = l.mutex.UnlockContext(ctx)
	return nil
}

// Renew has a majority keep it for another expiry.
func (l *redlease) Renew(ctx context.Context) error {
	_, err := l.mutex.ExtendContext(ctx)
	return err
}

// Token is none: the servers have no number in common.
func (l *redlease) Token() int64 { return 0 }

// Held goes by the holder's own clock.
func (l *redlease) Held(context.Context) bool { return time.Now().Before(l.mutex.Until()) }
