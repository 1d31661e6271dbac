package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// clusterKind is a way in which several servers hold one state.
type clusterKind struct {
	target, product string // galera, MariaDB Galera
	of              string // the engine of each of its servers
	// start starts a cluster, whose servers have not all found each other yet.
	start func(ctx context.Context, b local.Binary, o local.Options) (*local.Cluster, error)
	// form brings its servers together; nil: they do it themselves.
	form func(ctx context.Context, c *local.Cluster) error
	// member asks a server whether it is one of a cluster that works, and answers how many there are; 0: it is none.
	member string
	// causal has a session see whatever was committed before on any server.
	causal string
	// local has a session see what its own server has, and wait for nothing.
	local string
	// set is what every session of ours is set to.
	set map[string]string
	// skip says why there are no rows at a level; nil: there are.
	skip func(harness.Level) string
}

// engine is what the table's lines for clusters have in common.
func (k *clusterKind) engine(program local.Program) store.Engine {
	return store.Engine{
		Name: k.target, Product: k.product, SQL: true, Cluster: k.of, Strategies: sqldb.Infos(), Schemes: []string{k.target},
		Open: opener(program, k), SetLevel: setLevel, LockTimeout: briefly(),
		Clean: func(ctx context.Context, dsn string, only bool) ([]store.Leftover, error) {
			return cleanOf(ctx, dsn, k, only)
		},
	}
}

const (
	throwawayNodes = 3
	clusterTries   = 3
	clusterTimeout = 3 * time.Minute // until throwaway servers have found each other: seconds
)

// params sets sessions as the kind has it.
func (k *clusterKind) params(cfg *mysqldriver.Config) {
	if k == nil {
		return
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	for name, value := range k.set {
		cfg.Params[name] = value
	}
}

// across is what a level does on a cluster: each server knows its own locks alone, and what transactions write is compared.
func across(iso promise.Isolation) promise.Isolation {
	iso.Nodes = true
	iso.Prevents &^= promise.HazardSet(promise.StmtSkew, promise.G2Item, promise.G2)
	if iso.Model == "serializable" {
		iso.Model = "snapshot-isolation"
	}
	return iso
}

// apart is what a level does where each session is on a server of its own, which nothing leaves before it is committed.
func apart(iso promise.Isolation) promise.Isolation {
	iso = across(iso)
	iso.Prevents |= promise.HazardSet(promise.Dirty)
	return iso
}

// placings are the ways in which the sessions of a schedule can be spread.
func (p *product) placings() []sqldb.Variant {
	return []sqldb.Variant{
		{Setting: store.Setting{Name: "sessions", Value: "together"}, Isolation: p.isolation, Together: true},
		{Setting: store.Setting{Name: "sessions", Value: "apart"}, Isolation: func(l harness.Level) promise.Isolation { return apart(p.isolation(l)) }},
	}
}

// declaredAcross is what the levels of a cluster of such servers do.
func (p *product) declaredAcross(servers string) store.Declared {
	return store.Declared{Servers: servers, Levels: harness.Levels(), Isolation: func(l harness.Level) promise.Isolation { return across(p.isolation(l)) }}
}

// target is the name of the engine.
func (s *server) target() string {
	switch {
	case s.kind != nil:
		return s.kind.target
	case s.product.mariaDB:
		return "mariadb"
	}
	return "mysql"
}

// findCluster starts a cluster, unless a DSN names one.
func (s *server) findCluster(ctx context.Context, program local.Program, from string, o local.Options) error {
	b, isDSN, err := local.Choose(ctx, program, from)
	if err != nil {
		return err
	}
	if isDSN {
		s.dsn = from
		return nil
	}
	c, err := s.kind.throwaway(ctx, b, o)
	if err != nil {
		return err
	}
	var addresses []string
	for _, node := range c.Servers {
		addresses = append(addresses, node.Address())
	}
	user := url.UserPassword("root", c.Servers[0].Password())
	s.dsn, s.stop = fmt.Sprintf("%s://%s@%s/", s.kind.target, user, strings.Join(addresses, ",")), c.Stop
	return nil
}

// throwaway starts a cluster, and once more with other ports where somebody else took one meanwhile.
func (k *clusterKind) throwaway(ctx context.Context, b local.Binary, o local.Options) (*local.Cluster, error) {
	for try := 1; ; try++ {
		c, err := k.startOnce(ctx, b, o)
		var missing *store.MissingError
		switch {
		case err == nil || ctx.Err() != nil || errors.As(err, &missing):
			return c, err
		case try == clusterTries:
			return nil, fmt.Errorf("start a throwaway cluster of %s: %w", b, err)
		}
	}
}

func (k *clusterKind) startOnce(ctx context.Context, b local.Binary, o local.Options) (*local.Cluster, error) {
	c, err := k.start(ctx, b, o)
	if err != nil {
		return nil, err
	}
	if k.form != nil {
		err = k.form(ctx, c)
	}
	if err == nil {
		err = k.together(ctx, c)
	}
	if err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), sqldb.StopTimeout)
		defer cancel()
		return nil, errors.Join(err, c.Stop(stop))
	}
	return c, nil
}

// together waits until all servers have found each other.
func (k *clusterKind) together(ctx context.Context, c *local.Cluster) error {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	for i, node := range c.Servers {
		for {
			n, err := k.memberOf(ctx, node.DSN())
			if err == nil && n == len(c.Servers) {
				break
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("server %d has not found the others (it knows %d): %w", i+1, n, errors.Join(ctx.Err(), err))
			}
		}
	}
	return nil
}

// memberOf asks a server of how many it is one.
func (k *clusterKind) memberOf(ctx context.Context, dsn string) (n int, err error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // nothing is pending on it
	err = db.QueryRowContext(ctx, k.member).Scan(&n)
	return n, err
}

// members checks that all servers of a DSN are in a cluster that works, and says how many there are.
func (s *server) members(ctx context.Context) error {
	if s.kind == nil {
		return nil
	}
	s.info.Product = s.kind.product
	for _, addr := range append([]string{s.cfg.Addr}, s.more...) {
		cfg := s.cfg.Clone()
		cfg.Addr = addr
		n, err := s.kind.memberOf(ctx, cfg.FormatDSN())
		if errorNumber(err) == 0 && err != nil {
			return &sqldb.OpenError{What: "cannot reach a server at " + addr, Err: store.Innermost(err), Do: "start the server, or correct the DSN"}
		}
		if err != nil || n == 0 {
			return &sqldb.OpenError{
				What: "the server at " + addr, Err: errors.New("it is in no cluster of " + s.kind.product + " that works"),
				Do: "have it join, or leave it out of the DSN",
			}
		}
	}
	s.info.Settings = append(s.info.Settings, store.Setting{Name: "servers", Value: fmt.Sprint(1 + len(s.more))})
	return nil
}

// spread tells of the cluster's other servers, and what its levels do.
func (s *server) spread(c *sqldb.Config) {
	if s.kind == nil {
		return
	}
	c.Causal, c.Local, c.SkipLevel, c.Variants = s.kind.causal, s.kind.local, s.kind.skip, s.product.placings()
	c.Isolation = func(l harness.Level) promise.Isolation { return across(s.product.isolation(l)) }
	for _, addr := range s.more {
		c.More = append(c.More, func(ctx context.Context, route store.Route) (sqldb.Conn, error) { return s.connectTo(ctx, addr, route) })
	}
}
