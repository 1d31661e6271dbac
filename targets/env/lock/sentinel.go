package lock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

// watched are a throwaway primary with one replica, and a Sentinel over both: where the primary does not answer, Sentinel makes the replica the
// primary, and tells clients where that is. Replication is asynchronous, as it always is in Redis.
type watched struct {
	primary, replica, sentinel *local.Server
	watch                      *redis.SentinelClient
}

const (
	// watchedName is what Sentinel calls the primary.
	watchedName = "locks"
	// downAfter is how long a killed primary does not answer before Sentinel has the replica take over.
	downAfter = 500 * time.Millisecond
	// downNever is the same where nobody kills it: a busy machine is no failure.
	downNever = 10 * time.Minute
	// failoverTimeout is how long Sentinel gives each step of a failover. It tries one that failed again after twice that.
	failoverTimeout = 3 * time.Second
	// cutWithin bounds how long it takes until the replica is in step, and then cut off.
	cutWithin = 30 * time.Second
)

// sentinelProgram is Redis's program as the Sentinel of a primary at a port, with the primary's password.
func sentinelProgram(primary int) local.Program {
	p := redisProgram()
	p.Write = func(l local.Layout) []local.File {
		return []local.File{{Name: redisFile, Content: strings.Join([]string{
			"port " + strconv.Itoa(l.Port), "bind 127.0.0.1", "daemonize no", "dir " + strconv.Quote(l.Data), "set-proc-title no", "maxclients " + strconv.Itoa(l.MaxConnections),
			"requirepass " + l.Password, "sentinel sentinel-pass " + l.Password,
			fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d 1", watchedName, primary), "sentinel auth-pass " + watchedName + " " + l.Password,
			fmt.Sprintf("sentinel down-after-milliseconds %s %d", watchedName, downNever.Milliseconds()),
			fmt.Sprintf("sentinel failover-timeout %s %d", watchedName, failoverTimeout.Milliseconds()), "",
		}, "\n")}}
	}
	p.Command = func(b local.Binary, l local.Layout) []string {
		return []string{b.Path, l.Path(redisFile), "--sentinel"}
	}
	return p
}

// startWatched starts them, and returns once the replica is in step and Sentinel knows both.
func startWatched(ctx context.Context, connections int) (w *watched, err error) {
	w = &watched{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	atOnce := []string{"--repl-diskless-sync-delay", "0"} // a replica waits for no other
	opt := local.Options{MaxConnections: connections, ExtraArgs: atOnce}
	if _, w.primary, err = local.Resolve(ctx, redisProgram(), "", opt); err != nil {
		return w, err
	}
	opt.Password = w.primary.Password()
	b := w.primary.Binary()
	follower := opt
	follower.ExtraArgs = slices.Concat(atOnce, following(w.primary))
	if w.replica, err = local.Start(ctx, b, follower); err != nil {
		return w, err
	}
	b.Program = sentinelProgram(w.primary.Port())
	if w.sentinel, err = local.Start(ctx, b, opt); err != nil {
		return w, err
	}
	w.watch = redis.NewSentinelClient(&redis.Options{Addr: w.sentinel.Address(), Password: opt.Password, MaxRetries: -1, DisableIdentity: true})
	return w, w.inStep(ctx)
}

// following are the arguments that make a server a replica.
func following(primary *local.Server) []string {
	return []string{"--replicaof", "127.0.0.1 " + strconv.Itoa(primary.Port())}
}

// client finds the primary by Sentinel.
func (w *watched) client() *redis.Client {
	return newWatchedClient(&redis.FailoverOptions{
		MasterName: watchedName, SentinelAddrs: []string{w.sentinel.Address()}, SentinelPassword: w.sentinel.Password(), Password: w.primary.Password(),
	}, time.Second)
}

// address is where it is for other processes, as --redis takes it.
func (w *watched) address() string {
	password := w.sentinel.Password()
	return "redis+sentinel://:" + password + "@" + w.sentinel.Address() + "/" + watchedName + "?sentinel_password=" + password
}

// newWatchedClient connects when it is used, to the primary that a Sentinel names.
func newWatchedClient(o *redis.FailoverOptions, dial time.Duration) *redis.Client {
	o.PoolSize, o.MaxRetries, o.DialerRetries, o.DialTimeout = room, -1, 1, dial
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	return redis.NewFailoverClient(o)
}

// ask is a command for one of the servers.
func ask(ctx context.Context, s *local.Server, args ...any) (string, error) {
	c := newRedisClient(&redis.Options{Addr: s.Address(), Password: s.Password()}, time.Second)
	answer, err := c.Do(ctx, args...).Result()
	return fmt.Sprint(answer), errors.Join(err, c.Close())
}

// inStep waits until the replica has all that the primary has, and Sentinel would have it take over.
func (w *watched) inStep(ctx context.Context) error {
	for {
		said, err := ask(ctx, w.replica, "INFO", "replication")
		known := false
		if err == nil && strings.Contains(said, "master_link_status:up") {
			known, err = w.known(ctx)
		}
		if known {
			return nil
		}
		if ended := harness.Sleep(ctx, 10*time.Millisecond); ended != nil {
			return fmt.Errorf("wait for the replica of a throwaway Redis: %w%s", errors.Join(ctx.Err(), err), w.sentinel.Log())
		}
	}
}

// known reports whether Sentinel sees the replica well.
func (w *watched) known(ctx context.Context) (bool, error) {
	replicas, err := w.watch.Replicas(ctx, watchedName).Result()
	for _, r := range replicas {
		if r["port"] == strconv.Itoa(w.replica.Port()) && r["flags"] == "slave" && r["info-refresh"] != "0" {
			return true, nil
		}
	}
	return false, err
}

// cut ends replication: what the primary answers from here on is nowhere else. (A kill alone would lose nothing: what is on its way to the replica
// still arrives.) From here on Sentinel also notices that the primary is gone.
func (w *watched) cut(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cutWithin)
	defer cancel()
	if err := w.inStep(ctx); err != nil {
		return err
	}
	if _, err := ask(ctx, w.replica, "CONFIG", "SET", "masterauth", "none"); err != nil { // until it starts again, as a replica
		return fmt.Errorf("have the replica not come back: %w", err)
	}
	if _, err := ask(ctx, w.primary, "CLIENT", "KILL", "TYPE", "replica"); err != nil {
		return fmt.Errorf("cut the replica off: %w", err)
	}
	for {
		said, err := ask(ctx, w.primary, "INFO", "replication")
		if err == nil && strings.Contains(said, "connected_slaves:0") {
			return w.downAfter(ctx, downAfter)
		}
		if harness.Sleep(ctx, time.Millisecond) != nil {
			return fmt.Errorf("cut the replica off: %w", errors.Join(ctx.Err(), err))
		}
	}
}

func (w *watched) downAfter(ctx context.Context, d time.Duration) error {
	return w.watch.Set(ctx, watchedName, "down-after-milliseconds", strconv.FormatInt(d.Milliseconds(), 10)).Err()
}

// Kill is that of the primary.
func (w *watched) Kill() error { return w.primary.Kill() }

// takenOver waits until Sentinel has made the replica the primary.
func (w *watched) takenOver(ctx context.Context) error {
	for {
		at, err := w.watch.GetMasterAddrByName(ctx, watchedName).Result()
		if err == nil && net.JoinHostPort(at[0], at[1]) == w.replica.Address() {
			w.primary, w.replica = w.replica, w.primary
			return w.downAfter(ctx, downNever)
		}
		if harness.Sleep(ctx, 10*time.Millisecond) != nil {
			return fmt.Errorf("wait for Sentinel to make the replica the primary: %w%s", errors.Join(ctx.Err(), err), w.sentinel.Log())
		}
	}
}

// Restart starts the server that was the primary, as the replica of the one that is.
func (w *watched) Restart(ctx context.Context) error {
	w.replica.Also(following(w.primary)...)
	return w.replica.Restart(ctx)
}

func (w *watched) mortals() ([]store.Mortal, string) { return []store.Mortal{w}, "" }

func (w *watched) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	if w.watch != nil {
		errs = append(errs, w.watch.Close())
	}
	for _, s := range []*local.Server{w.sentinel, w.replica, w.primary} {
		if s != nil {
			errs = append(errs, s.Stop(ctx))
		}
	}
	return errors.Join(errs...)
}
