package lock

import (
	"context"

	"github.com/lastseat/lastseat/harness/store"
)

// design is a kind of lock, or a way to get one wrong.
type design struct {
	name, explain string
	backend       string // whose servers keep its locks; empty: nobody else's
	open          func(ctx context.Context, d *design, opt store.ComponentOptions) (service, error)
	fenced        bool
	misuse        misuse
	// lets says why it lets others in, as a clause; empty: it does not.
	lets func(t store.Traits, servers int) string
}

// misuse is what is wrong with how a lock is used.
type misuse uint8

const (
	properly     misuse = iota
	noExpiry            // it lives for ever
	noOwner             // it is given back without a look at whose it is
	expiresEarly        // it lives shorter than the work
	releasesEarly
	locksLate
)

// expired reports whether locks expire under the hands of those who hold them.
func (d *design) expired() bool { return d.misuse == noOwner || d.misuse == expiresEarly }

// Table holds the locks, in the order in which they are shown.
func Table() []store.Component {
	var all []store.Component
	for _, d := range designs() {
		all = append(all, store.Component{
			Name: d.name, Explain: d.explain, PerServer: true, Backend: d.backend, Endangers: d.endangers(),
			Open: func(ctx context.Context, opt store.ComponentOptions) (store.Instance, error) {
				opt, at, err := attached(&d, opt)
				if err != nil {
					return nil, err // the caller names the lock
				}
				s, err := d.open(ctx, &d, opt)
				if err != nil {
					return nil, err // as above
				}
				return &instance{design: &d, opt: opt, service: s, attached: at}, nil
			},
		})
	}
	return all
}

func designs() []design {
	return []design{
		{
			name: "process-mutex", explain: "a mutex a cell in each application server: safe as long as there is only one of these",
			open: openMutexes, lets: perServer,
		},
		{
			name: "redis", open: openRedis, backend: redisBackend, lets: forgets,
			explain: "SET NX PX with the owner's token, released by compare and delete: lets others in once it expires or its server forgets",
		},
		{
			name: "redis-aof", open: openRedisOnDisk, backend: redisBackend, lets: expires,
			explain: "the same with each lock on disk before it is answered (appendfsync always): survives its server, still expires",
		},
		{
			name: "redlock", open: openRedlock, backend: redisBackend, lets: expires,
			explain: "a lock on the majority of three Redis servers, on disk there (appendfsync always): survives one of them, still expires",
		},
		{
			name: "redis-fenced", open: openRedisKeeping, backend: redisBackend, fenced: true, lets: never,
			explain: "the same as redis, and each holder gets a higher number (INCR), which its writes carry: the store refuses those of earlier ones",
		},
		{
			name: "redis-sentinel", open: openWatchedRedis, backend: redisBackend, lets: outdated,
			explain: "redis with a replica that Sentinel makes the primary where that one dies: lets others in once it expires, and the last locks are not on the replica",
		},
		{
			name: "redis-sentinel-fenced", open: openWatchedRedis, backend: redisBackend, fenced: true, lets: never,
			explain: "the same, and each holder gets a higher number (INCR) that a replica has (WAIT 1), which its writes carry: the store refuses those of earlier ones",
		},
		{
			name: "zookeeper", open: openZooKeeper, backend: zkBackend, lets: outlives,
			explain: "an ephemeral sequential node, each waiting for the one before: ends with its holder's session, which " +
				"a pause longer than " + zkSession.String() + " would end too",
		},
		{
			name: "zookeeper-fenced", open: openZooKeeper, backend: zkBackend, fenced: true, lets: never,
			explain: "the same, and writes carry the transaction id that made the node (czxid): the store refuses those of earlier holders",
		},
		{
			name: "etcd", open: openEtcd, backend: etcdBackend, lets: expires,
			explain: "a key bound to a lease, each waiting for the one before (etcd's package concurrency): lets others in once the lease expires",
		},
		{
			name: "etcd-fenced", open: openEtcd, backend: etcdBackend, fenced: true, lets: never,
			explain: "the same, and writes carry the store's revision at which the lock was had: the store refuses those of earlier holders",
		},
		{
			name: "db-lock", open: openDBLock, lets: never,
			explain: "pg_advisory_lock or GET_LOCK on a connection of its own to the store: lives as long as that connection, which a pause does not end",
		},
		{
			name: "redis-no-expiry", open: openRedis, backend: redisBackend, misuse: noExpiry, lets: forgetsOnly,
			explain: "a lock that never expires: whoever dies with it stops everybody",
		},
		{
			name: "redis-no-owner", open: openRedis, backend: redisBackend, misuse: noOwner, lets: because("a holder whose lock has expired deletes that of the next one"),
			explain: "DEL without a look at whose lock it is: a late release takes somebody else's lock away",
		},
		{
			name: "redis-short-expiry", open: openRedis, backend: redisBackend, misuse: expiresEarly, lets: because("the lock expires while its holder still works"),
			explain: "an expiry shorter than the work: the next holder comes while the last still works",
		},
		{
			name: "redis-early-release", open: openRedis, backend: redisBackend, misuse: releasesEarly,
			lets:    because("the lock is given back before the commit, so the next holder reads what is about to change"),
			explain: "the lock given back before the commit: the next holder reads what is about to change",
		},
		{
			name: "redis-late-lock", open: openRedis, backend: redisBackend, misuse: locksLate,
			lets:    because("the lock is taken after the read, so what was read is old by then"),
			explain: "the lock taken after the read: what was read is old by then",
		},
	}
}

// misused reports whether the misuse acts within the transaction.
func (m misuse) misused() bool { return m == expiresEarly || m == releasesEarly || m == locksLate }
