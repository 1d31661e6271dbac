package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

// redisServer is a Redis server and connections to it.
type redisServer struct {
	process *local.Server // nil: it is the user's, or watched
	watched *watched      // throwaway servers of which it is the primary; nil: it is not
	found   bool          // Sentinel says where it is
	client  *redis.Client
	where   string // host:port
	address string // as --redis takes it
	info    redisInfo

	prefix string // of the keys of the row that runs, or ran last; empty: there was none
	cells  int    // that it has
}

// forever is how long a key lives that does not expire: for longer than any row takes, and not so long that what a killed run leaves on a
// user's server stays there for good.
const forever = 7 * 24 * time.Hour

// fenceKey ends the name of the counter that gives holders their numbers. Locks have their cell's number there.
const fenceKey = "fence"

func newRedisPrefix() string { return "lastseat:" + rand.Text() + ":" }

// space is the beginning of the names of a row's keys.
func (s *redisServer) space(cells int) string {
	s.prefix, s.cells = newRedisPrefix(), cells
	return s.prefix
}

// backend is what it says of itself, as far as it may be asked.
func (s *redisServer) backend() *store.BackendInfo {
	info := &store.BackendInfo{Product: "Redis", Throwaway: !s.yours()}
	if s.yours() {
		if info.Where = s.where; s.found {
			info.Note = "found by Sentinel"
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	said := redisInfoOf(s.client.Info(ctx, "server").Val())
	info.Version = said["redis_version"]
	got, err := s.client.ConfigGet(ctx, "append*").Result()
	if err != nil {
		return info
	}
	for _, name := range []string{"appendonly", "appendfsync"} {
		if value := got[name]; value != "" {
			info.Settings = append(info.Settings, store.Setting{Name: name, Value: value})
		}
		if got["appendonly"] != "yes" {
			break // how it is written to disk means nothing then
		}
	}
	return info
}

func (s *redisServer) yours() bool { return s.process == nil && s.watched == nil }

// forget deletes the keys of the last row from a user's server. A throwaway one takes them along.
func (s *redisServer) forget(ctx context.Context) error {
	if !s.yours() || s.prefix == "" {
		return nil
	}
	keys := []string{s.prefix + fenceKey}
	for c := range s.cells {
		keys = append(keys, s.prefix+strconv.Itoa(c))
	}
	for some := range slices.Chunk(keys, 1000) {
		if err := s.client.Del(ctx, some...).Err(); err != nil {
			return fmt.Errorf("keys %s* are left in Redis at %s: %w; they expire within 7 days, or: redis-cli --scan --pattern '%s*' | xargs redis-cli DEL", s.prefix, s.where, innermost(err), s.prefix)
		}
	}
	s.prefix = ""
	return nil
}

// mortalRedis are the processes of throwaway servers.
func mortalRedis(servers ...*redisServer) (all []store.Mortal, why string) {
	for _, s := range servers {
		if s.watched != nil {
			return s.watched.mortals()
		}
		if s.process == nil {
			return nil, "its locks are in the Redis at " + s.where + ", which is yours, and lastseat kills only servers that it started; leave --redis out"
		}
		all = append(all, s.process)
	}
	return all, ""
}

// hushRedis keeps the library, whose log is one for all of its clients, from writing to the terminal: its errors are returned as well.
var hushRedis = sync.OnceFunc(func() { redis.SetLogger(hush{}) })

type hush struct{}

func (hush) Printf(context.Context, string, ...any) {}

const (
	// spare is connections beside the clients' own: renewals, and what is given back in the background.
	spare = 16
	// room is far more connections than there will be: after so many refused ones the library would take the server for dead, and
	// look again only once a second.
	room = 10_000
)

// startRedis starts a server for clients in this process, or in several.
func startRedis(ctx context.Context, opt store.ComponentOptions, args ...string) (*redisServer, error) {
	hushRedis()
	_, process, err := local.Resolve(ctx, redisProgram(), "", local.Options{MaxConnections: redisConnections(opt), ExtraArgs: args})
	if err != nil {
		return nil, err
	}
	client := newRedisClient(&redis.Options{Addr: process.Address(), Password: process.Password()}, time.Second)
	return &redisServer{process: process, client: client, where: process.Address(), address: process.DSN()}, nil
}

func redisConnections(opt store.ComponentOptions) int {
	return 2*opt.Clients + 4*spare*max(opt.Workers, 1)
}

// startWatchedRedis is startRedis with a replica and a Sentinel.
func startWatchedRedis(ctx context.Context, opt store.ComponentOptions) (*redisServer, error) {
	hushRedis()
	w, err := startWatched(ctx, redisConnections(opt))
	if err != nil {
		return nil, err
	}
	return &redisServer{watched: w, found: true, client: w.client(), where: w.sentinel.Address(), address: w.address()}, nil
}

// newRedisClient connects when it is used.
func newRedisClient(o *redis.Options, dial time.Duration) *redis.Client {
	o.PoolSize, o.MaxRetries, o.DialerRetries, o.DialTimeout = room, -1, 1, dial
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(o)
}

// stopTimeout bounds the end of a lock's server.
const stopTimeout = 30 * time.Second

func (s *redisServer) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := errors.Join(s.forget(ctx), s.client.Close())
	if s.process != nil {
		err = errors.Join(err, s.process.Stop(ctx))
	}
	if s.watched != nil {
		err = errors.Join(err, s.watched.close())
	}
	return err
}
