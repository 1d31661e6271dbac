package sqldb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/wire"
)

// Config is what an engine knows of a server that it has reached.
type Config struct {
	Dialect *Dialect
	Info    store.ServerInfo
	Levels  []harness.Level
	// Isolation is what the server does at a level.
	Isolation func(harness.Level) promise.Isolation
	// SkipLevel says why a level makes no row of its own; empty: it does.
	SkipLevel func(harness.Level) string
	// Connect opens a connection that works in the run's own schema.
	Connect func(ctx context.Context, route store.Route) (Conn, error)
	// More are further servers that hold the same state, as Connect is one: clients are spread over all of them. Nil: there is one.
	More []func(ctx context.Context, route store.Route) (Conn, error)
	// Causal is the statement after which a session of a cluster sees whatever was committed before on any of its servers.
	Causal string
	// Local is the statement after which it sees what its own server has, wait or not.
	Local string
	// Drop removes the run's schema, and stops the server if it was started for the run. It works without the server too.
	Drop func(ctx context.Context) error
	// ConnInfo says how other code connects to the run's own schema; of the ConnInfo, NewServer's Server fills in what it knows itself.
	ConnInfo func(harness.Level) (store.ConnInfo, error)
	// LockSession opens a session that takes locks; nil: the engine's sessions take none.
	LockSession func(ctx context.Context, wait time.Duration) (store.LockSession, error)
	// Settle is store.Settling's; nil: the engine cannot be asked.
	Settle func(ctx context.Context) error
	// Wipe removes everything from the run's schema.
	Wipe func(ctx context.Context, monitor Conn) error
	// Variants are ways to set sessions that change what levels do; nil: there are none.
	Variants []Variant
	// Settable names the settings that a row may want otherwise.
	Settable []string
	// Set gives the server settings of the row's own, which outlast a kill and a restart, and reads them back. reset gives it back
	// what it had. Nil: the server is the user's own, whose settings stay.
	Set func(ctx context.Context, monitor Conn, settings []store.Setting) (reset Reset, err error)
	// Mortal is the server where it was started for the run; nil: it is the user's own.
	Mortal store.Mortal
	// Replica makes a replica of the server; nil: none can be made of it.
	Replica func(ctx context.Context, opt store.ReplicaOptions) (store.Replica, error)
	// Standby makes a standby of the server that may take over; nil: none can be made of it.
	Standby func(ctx context.Context, synchronous bool) (store.Standby, error)
	// InProcess: the engine is in this process, and bounds its waits itself.
	InProcess bool
	// Hook is the rows' hook where they ask for none.
	Hook harness.Hook
	// Schema is the run's own schema or database, which every statement names; empty: the file is the run's own.
	Schema string
	// Home asks a connection for the schema or database of names that have none before them; empty: there is but one.
	Home string
	// Wire is the protocol that clients and the server speak; zero: none that can be read.
	Wire wire.Protocol
	// Key is the run's own number among advisory locks.
	Key int32
	// DSN is the server's, as it was given. Clients are in this process unless Elsewhere.
	DSN       string
	Reached   func() string // how other processes reach it by now; nil: by DSN
	Elsewhere bool
	// MayConnect is OpenConfig's.
	MayConnect func() error
}

// Server is an opened SQL server.
type Server struct {
	cfg     Config
	pool    *pool
	readers *pool     // of clients of another server of the cluster; nil where there is none
	more    []*Server // the others of a cluster, which have no tables of their own
	made    []madeTable
	monitor Conn // sets up, samples and reads the final state, beside the clients

	watchMu    sync.Mutex
	watchedIDs []int64          // the sessions whose actions are announced
	asked      map[int64]string // by session, the name of the advisory lock that it has asked for last
	waitCycle  waitCycle
}

// NewServer makes a server of what an engine knows. Info.Connections bounds the clients' connections.
func NewServer(ctx context.Context, cfg Config) (*Server, error) {
	s := ofCluster(cfg, cfg.Connect)
	for _, connect := range cfg.More {
		s.more = append(s.more, ofCluster(cfg, connect))
	}
	for _, node := range s.nodes() {
		if err := node.observe(ctx, AnswerTimeout); err != nil {
			return nil, CleanUp(ctx, err, cfg.Drop)
		}
	}
	return s, nil
}

// observe opens the monitor.
func (s *Server) observe(ctx context.Context, limit time.Duration) error {
	var c Conn
	err := Within(ctx, limit, func(ctx context.Context) (err error) {
		if c, err = s.cfg.Connect(ctx, nil); err == nil && s.cfg.Causal != "" {
			_, err = c.Exec(ctx, s.cfg.Causal)
		}
		return err
	})
	if err != nil {
		return err
	}
	if s.monitor != nil {
		_ = s.monitor.Close() // it is dead
	}
	if s.monitor = c; !s.cfg.InProcess {
		s.monitor = &bounded{c, AnswerTimeout}
	}
	return nil
}

const (
	// dropTimeout bounds removing what a run made.
	dropTimeout = 10 * time.Second
	// dropLost bounds the same where the server has not answered before, and after an interrupt of the opening.
	dropLost = 3 * time.Second
	// StopTimeout bounds stopping a throwaway server, whatever the time for dropping things on one.
	StopTimeout = 30 * time.Second
)

// CleanUp drops what was made until err came, even where the user's interrupt is what came.
func CleanUp(ctx context.Context, err error, drop func(context.Context) error) error {
	limit := dropTimeout
	if errors.Is(err, ErrNoAnswer) || ctx.Err() != nil {
		limit = dropLost
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return errors.Join(err, drop(ctx))
}

// MortalOf is a throwaway server's process, and nil where there is none.
func MortalOf[S interface {
	comparable
	store.Mortal
}](throwaway S) store.Mortal {
	var none S
	if throwaway == none {
		return nil
	}
	return throwaway
}

// Mortal is the server's process, if it was started for this run.
func (s *Server) Mortal() (store.Mortal, error) {
	switch {
	case s.cfg.Mortal != nil:
		return s.cfg.Mortal, nil
	case len(s.more) > 0:
		return nil, errors.New(s.cfg.Info.Product + " is several servers, and only a single one is killed")
	case s.cfg.InProcess:
		return nil, errors.New(s.cfg.Info.Product + " is in this process, which is not to be killed")
	}
	return nil, errors.New("this is your server, and lastseat kills only those that it started: leave the DSN out")
}

// NoReplica says why no replica can be made of the server.
func (s *Server) NoReplica() string {
	switch {
	case s.cfg.Replica != nil:
		return ""
	case len(s.more) > 0:
		return "there are no replicas of " + s.cfg.Info.Product + ": see node, reads from another of its servers"
	case s.cfg.Info.Throwaway:
		return "there are no replicas of " + s.cfg.Info.Product
	}
	return "a replica is made of a throwaway server only, one that lastseat starts itself: leave the DSN out"
}

// Replica makes a replica of the server, or joins one.
func (s *Server) Replica(ctx context.Context, opt store.ReplicaOptions) (store.Replica, error) {
	return s.cfg.Replica(ctx, opt)
}

// NoStandby says why the server can have no standby.
func (s *Server) NoStandby() string {
	switch {
	case s.cfg.Standby != nil:
		return ""
	case s.cfg.Info.Throwaway || s.cfg.InProcess:
		return "there is no standby of " + s.cfg.Info.Product
	}
	return "only a throwaway server has a standby that takes over, one that lastseat starts itself: leave the DSN out"
}

// Standby makes a standby of the server.
func (s *Server) Standby(ctx context.Context, synchronous bool) (store.Standby, error) {
	return s.cfg.Standby(ctx, synchronous)
}

// watching is the monitor; if that died, on a new connection. Where the server may have been away, it is asked whether it did.
func (s *Server) watching(ctx context.Context) Conn {
	if s.pool.patient {
		_, _ = s.monitor.Query(ctx, "SELECT 1") // a connection that died says so from here on
	}
	if s.monitor.Dead() && ctx.Err() == nil && !s.pool.lost() {
		_ = s.pool.verdict(s.observe(ctx, reachTimeout)) // what is asked of a dead one fails
	}
	return s.monitor
}

// Info is what was read back from the server.
func (s *Server) Info() store.ServerInfo { return s.cfg.Info }

// Wire is the protocol in which clients speak to the server. Faults look for commits in it.
func (s *Server) Wire() wire.Protocol { return s.cfg.Wire }

// Levels are the isolation levels that it offers.
func (s *Server) Levels() []harness.Level { return s.cfg.Levels }

// Row makes the target for a row, or says why there is none.
func (s *Server) Row(spec store.RowSpec) (store.Offer, error) {
	strategy := find(spec.Strategy)
	if strategy == nil {
		return store.Offer{Skip: "there is no strategy " + spec.Strategy}, nil
	}
	if s.cfg.SkipLevel != nil {
		if why := s.cfg.SkipLevel(spec.Level); why != "" {
			return store.Offer{Skip: why}, nil
		}
	}
	if why := strategy.skip(s.cfg.Dialect, &spec); why != "" {
		return store.Offer{Skip: why}, nil
	}
	if why := s.unable(strategy, &spec); why != "" {
		return store.Offer{Skip: why}, nil
	}
	if spec.Hook == nil {
		spec.Hook = s.cfg.Hook
	}
	t := &target{
		server: s, nodes: s.nodes(), pool: s.pool, dialect: s.cfg.Dialect, strategy: strategy, level: spec.Level, hook: spec.Hook, start: spec.Start,
		around: spec.Env, names: names(s.cfg.Schema),
	}
	if spec.Env.Readers != nil {
		t.aside = newPool(s.cfg.Info.Connections, s.cfg.Dialect, s.cfg.Connect)
	}
	iso := s.cfg.Isolation(spec.Level)
	if why := strategy.Plan.SkipIdle(spec.Samples, iso, spec.Env.Effects); why != "" && !strategy.Contents {
		return store.Offer{Skip: why}, nil
	}
	if strategy.Contents {
		return store.Offer{Target: t, Promise: promise.OfLevel(s.cfg.Info.Product, iso, spec.Env.Effects...)}, nil
	}
	return store.Offer{
		Target:     t,
		Promise:    promise.Of(strategy.Plan, spec.Samples, s.cfg.Info.Product, iso, spec.Env.Effects...),
		HasControl: !strategy.Plan.Rows,
	}, nil
}

// idleTimeout bounds the wait for statements whose clients have given up.
const idleTimeout = 30 * time.Second

// idle waits until none of the run's sessions is at work, and none is left that the pool does not know: a statement whose
// client gave up may still take effect. Of sessions of other processes nobody here knows which are to be there.
func (s *Server) idle(ctx context.Context) error {
	if s.cfg.Dialect.Sessions == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, idleTimeout)
	defer cancel()
	known := s.ids()
	for {
		got, err := s.watching(ctx).Query(ctx, s.cfg.Dialect.Sessions)
		if err != nil {
			return fmt.Errorf("list the run's sessions: %w", err)
		}
		busy := 0
		for i := 0; i+1 < len(got); i += 2 {
			if !known[got[i]] && s.direct() && !s.cfg.Elsewhere || got[i+1] != 0 {
				busy++
			}
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d sessions of this run are still at work on the server: %w", busy, ctx.Err())
		}
	}
}

// gone marks an error that came with the end of the server. The end of the connection alone says nothing: the server is asked.
func (s *Server) lost(err error) error {
	if err == nil || !s.monitor.Dead() || errors.Is(err, context.Canceled) {
		return err
	}
	if !s.cfg.InProcess && !s.pool.lost() {
		lost := s.pool.verdict(s.observe(context.Background(), reachTimeout))
		if lost == nil || !errors.Is(lost, harness.ErrServerLost) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", harness.ErrServerLost, err)
}

// Close closes all connections and drops the run's schema.
func (s *Server) Close() error {
	for _, node := range s.nodes() {
		if node.readers != nil {
			node.readers.close()
		}
	}
	for _, node := range s.more {
		node.pool.close()
		_ = node.monitor.Close() // as below
	}
	limit := dropTimeout
	if s.pool.lost() {
		limit = dropLost
	}
	s.pool.close()
	_ = s.monitor.Close() // nothing is pending on an idle connection
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return s.cfg.Drop(ctx)
}
