package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// redisLocks are keys of one Redis server: SET NX PX with the owner's token, as the manual of SET describes the pattern.
type redisLocks struct {
	design *design
	server *redisServer
	terms  terms
	prefix string // of the row's keys
	cannot string // why there are no such rows with the user's server; empty: there are
}

// openRedis takes a server that keeps nothing on disk, as a cache does.
func openRedis(ctx context.Context, d *design, opt store.ComponentOptions) (service, error) {
	return openRedisWith(ctx, d, opt)
}

// openRedisOnDisk takes one that has each write on disk before it answers.
func openRedisOnDisk(ctx context.Context, d *design, opt store.ComponentOptions) (service, error) {
	return openRedisWith(ctx, d, opt, onDisk()...)
}

// openRedisKeeping takes one that keeps its counter over its own death: a counter that began anew would have everybody refused.
// The file is written before the answer, and synced once a second.
func openRedisKeeping(ctx context.Context, d *design, opt store.ComponentOptions) (service, error) {
	return openRedisWith(ctx, d, opt, "--appendonly", "yes", "--appendfsync", "everysec")
}

// openWatchedRedis takes one that a Sentinel watches, with a replica that takes over.
func openWatchedRedis(ctx context.Context, d *design, opt store.ComponentOptions) (service, error) {
	if own := opt.Backends[redisBackend]; own != "" {
		s, err := connectRedis(ctx, own, 1, opt.Clients)
		if err != nil {
			return nil, err
		}
		r := &redisLocks{design: d, server: s[0]}
		if !r.server.found {
			r.cannot = "it is about a Redis that Sentinel watches, and --redis names one by its own address; write " + sentinelForm.like + ", or leave --redis out"
		}
		return r, nil
	}
	s, err := startWatchedRedis(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &redisLocks{design: d, server: s}, nil
}

func onDisk() []string { return []string{"--appendonly", "yes", "--appendfsync", "always"} }

func openRedisWith(ctx context.Context, d *design, opt store.ComponentOptions, args ...string) (service, error) {
	if own := opt.Backends[redisBackend]; own != "" {
		s, err := connectRedis(ctx, own, 1, opt.Clients)
		if err != nil {
			return nil, err
		}
		return &redisLocks{design: d, server: s[0], cannot: s[0].lacks(args)}, nil
	}
	s, err := startRedis(ctx, opt, args...)
	if err != nil {
		return nil, err
	}
	return &redisLocks{design: d, server: s}, nil
}

func (r *redisLocks) begin(ctx context.Context, t terms, cells int) error {
	err := r.server.forget(ctx)
	r.terms, r.prefix = t, r.server.space(cells)
	if err == nil && r.design.fenced {
		err = r.server.client.Set(ctx, r.prefix+fenceKey, 0, forever).Err()
	}
	return err
}

func (r *redisLocks) share() attachment {
	return attachment{Address: r.server.address, Space: r.prefix}
}

func (r *redisLocks) join(t terms, space string) error {
	r.terms, r.prefix = t, space
	return nil
}

func (r *redisLocks) unable() string                    { return r.cannot }
func (r *redisLocks) locker(int) Locker                 { return &redisLocker{all: r} }
func (r *redisLocks) mortals() ([]store.Mortal, string) { return mortalRedis(r.server) }
func (r *redisLocks) backend() *store.BackendInfo {
	info := r.server.backend()
	if r.server.watched != nil {
		info.Note = "a primary, its replica and a Sentinel"
	}
	return info
}
func (r *redisLocks) Close() error { return r.server.close() }

// redisLocker is a client's. Its locks are bound to no session: they stay where it dies, until they expire.
type redisLocker struct{ all *redisLocks }

// Close has no session to end.
func (l *redisLocker) Close() error { return nil }

// redisLease is a key that holds its owner's token.
type redisLease struct {
	all   *redisLocks
	key   string
	owner string
	fence int64
	until atomic.Int64 // when it expires, by the holder's clock; for ever: 0
}

const (
	firstPoll = time.Millisecond
	lastPoll  = 8 * time.Millisecond
)

// jitter spreads those who wait for the same lock.
func jitter(d time.Duration) time.Duration { return d/2 + mathrand.N(d) }

// Lock tries until the key is its own.
func (l *redisLocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	lease := &redisLease{all: l.all, key: l.all.prefix + strconv.Itoa(int(c)), owner: rand.Text()}
	doubt := false // an answer was lost: the key may be ours
	err := poll(ctx, l.all.terms.wait, func(ctx context.Context) (bool, error) {
		ok, err := lease.set(ctx, doubt)
		doubt = doubt || err != nil
		return ok, err
	})
	if err == nil && l.all.design.fenced {
		lease.fence, err = l.all.number(ctx)
		doubt = true
	}
	if err != nil && doubt {
		lease.leave(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", lease.key, errors.Join(ErrBusy, err))
	}
	return lease, nil
}

// errUnreplicated keeps a client from a lock whose number might be given to another one as well.
var errUnreplicated = errors.New("no replica has the holder's number yet")

// number is a holder's, higher than all before it. Where a replica may take over, it is one only if a replica has it: a counter that goes on
// from an older number would give the same one to two holders, and no fence tells these apart.
func (r *redisLocks) number(ctx context.Context) (int64, error) {
	client := r.server.client
	if !r.server.found {
		return client.Incr(ctx, r.prefix+fenceKey).Result()
	}
	var number *redis.IntCmd
	var have *redis.Cmd
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error { // WAIT is for what its own connection wrote
		number, have = p.Incr(ctx, r.prefix+fenceKey), p.Do(ctx, "WAIT", 1, (r.terms.wait/4).Milliseconds())
		return nil
	})
	if err != nil {
		return 0, err
	}
	if n, err := have.Int(); err != nil || n < 1 {
		return 0, errors.Join(errUnreplicated, err)
	}
	return number.Val(), nil
}

// set makes the key ours if it is nobody's. A key that expires does so by the server's clock, counted from before we asked.
func (l *redisLease) set(ctx context.Context, doubt bool) (bool, error) {
	lives, until := forever, int64(0)
	if l.all.design.misuse != noExpiry {
		lives, until = l.all.terms.expiry, time.Now().Add(l.all.terms.expiry).UnixNano()
	}
	client := l.all.server.client
	err := client.Do(ctx, "SET", l.key, l.owner, "NX", "PX", lives.Milliseconds()).Err()
	if errors.Is(err, redis.Nil) && doubt {
		owner, err := client.Get(ctx, l.key).Result()
		if owner != l.owner {
			return false, err
		}
		// It is ours since an earlier try, and lives as long as that one's.
		return l.Renew(ctx) == nil, nil
	}
	if err != nil {
		if errors.Is(err, redis.Nil) {
			err = nil
		}
		return false, err
	}
	l.until.Store(until)
	return true, nil
}

// leave takes back what may have been taken, as far as the server can be reached.
func (l *redisLease) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 100*time.Millisecond)
	defer cancel()
	_ = compareAndDelete().Run(ctx, l.all.server.client, []string{l.key}, l.owner).Err() // else it expires
}

func compareAndDelete() *redis.Script {
	return redis.NewScript(`if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0`)
}

func compareAndExpire() *redis.Script {
	return redis.NewScript(`if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pexpire", KEYS[1], ARGV[2]) end return 0`)
}

// Unlock deletes the key if it is still ours; without a look at the owner, whosever it is.
func (l *redisLease) Unlock(ctx context.Context) error {
	client := l.all.server.client
	if l.all.design.misuse == noOwner {
		return client.Del(ctx, l.key).Err()
	}
	return compareAndDelete().Run(ctx, client, []string{l.key}, l.owner).Err()
}

// Renew has the key live for another expiry, if it is still ours.
func (l *redisLease) Renew(ctx context.Context) error {
	if l.all.design.misuse == noExpiry {
		return nil
	}
	until := time.Now().Add(l.all.terms.expiry).UnixNano()
	n, err := compareAndExpire().Run(ctx, l.all.server.client, []string{l.key}, l.owner, l.all.terms.expiry.Milliseconds()).Int()
	if err == nil && n == 1 {
		l.until.Store(until)
	}
	return err
}

// Token is the holder's number.
func (l *redisLease) Token() int64 { return l.fence }

// Held goes by the holder's own clock.
func (l *redisLease) Held(context.Context) bool {
	until := l.until.Load()
	return until == 0 || time.Now().UnixNano() < until
}
