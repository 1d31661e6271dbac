// Package postgres is the PostgreSQL target, on pgx itself: in goes a DSN or a server program, out comes a store.Server
// whose tables live in a schema of the run's own. Start at Engine.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/nonblock"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/targets/wire"
)

// Engine is the table's line for this target.
func Engine() store.Engine {
	return store.Engine{
		Name: "postgres", Product: "PostgreSQL", SQL: true, Strategies: sqldb.Infos(), Open: open, DSNEnv: "LASTSEAT_POSTGRES_DSN", Clean: clean,
		Schemes: []string{"postgres", "postgresql"}, Prefixes: []string{"pg"}, Programs: []string{"postgres"}, Installed: Program().Installed,
		SetLevel: func(l harness.Level) string {
			return "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + l.SQL()
		},
		LockTimeout: briefly(), Lanes: 4,
		Declared: []store.Declared{{Servers: "PostgreSQL", Levels: harness.Levels(), Isolation: Isolation}},
		Explain:  "a PostgreSQL server: yours by DSN, or a throwaway one from the programs on this machine",
	}
}

const (
	connectTimeout = 10 * time.Second
	prepareTimeout = 20 * time.Second // for all that is asked and made before the first row
	lockTimeout    = "5s"
)

func briefly() store.LockTimeout {
	return store.LockTimeout{Code: "55P03", Second: "SET lock_timeout = '1s'"}
}

// throwawaySettings differ from PostgreSQL's defaults: with its 1 s, a strategy that deadlocks does little else than wait.
func throwawaySettings() []string { return []string{"-c", "deadlock_timeout=10ms"} }

// server is what open finds out, piece by piece.
type server struct {
	name   string     // of the run's schema and of its sessions
	dsn    string     // as it was given
	mu     sync.Mutex // of cfg, local and next, once there are connections: a standby may take over
	cfg    *pgx.ConnConfig
	local  *local.Server   // the throwaway server; nil on the user's own
	next   *local.Server   // the standby that may take over from it; nil: there is none
	before []*local.Server // that local took over from, killed
	admin  *pgx.Conn
	alive  *sqldb.Keeper // on admin; nil before there is a schema, and on a throwaway server
	made   bool          // the run's schema
	info   store.ServerInfo

	pipeBegin   bool
	pipeCommit  bool
	driver      bool // connections are pgx's own
	lockTimeout string
}

func open(ctx context.Context, cfg store.OpenConfig) (store.Server, error) {
	dsn, throwaway, err := local.Resolve(ctx, Program(), cfg.DSN, local.Options{ExtraArgs: throwawaySettings(), Volatile: cfg.Volatile, Socket: cfg.Socket})
	if err != nil {
		return nil, err
	}
	name, key := sqldb.RunName(cfg)
	s := &server{name: name, dsn: dsn, local: throwaway, pipeBegin: cfg.PipeBegin, pipeCommit: cfg.PipeCommit, driver: cfg.Driver}
	if s.lockTimeout = lockTimeout; cfg.BriefWaits {
		s.lockTimeout = "1s"
	}
	s.info = store.ServerInfo{Product: "PostgreSQL", Throwaway: throwaway != nil}
	if cfg.Driver {
		s.info.Wire = "pgx"
	}
	if err := s.reach(ctx, dsn); err != nil {
		return nil, sqldb.CleanUp(ctx, err, s.drop)
	}
	if err := sqldb.Within(ctx, prepareTimeout, func(ctx context.Context) error { return s.prepare(ctx, cfg) }); err != nil {
		return nil, sqldb.CleanUp(ctx, err, s.drop)
	}
	c := sqldb.Config{
		Dialect: dialect(name, s.info.Pooling != ""), Info: s.info, Levels: harness.Levels(), Isolation: Isolation, SkipLevel: skipLevel,
		Connect: s.connect, Drop: s.drop, Wipe: s.wipe, Key: key, ConnInfo: s.connInfo, Schema: name, Home: "SELECT current_schema()",
		DSN: dsn, Elsewhere: cfg.Workers > 0, MayConnect: cfg.MayConnect,
		Wire:        wire.Postgres(),
		LockSession: s.lockSession, Settle: s.settle,
		Settable: []string{"synchronous_commit"},
	}
	if throwaway != nil {
		c.Mortal, c.Set, c.Replica, c.Standby, c.Reached = &mortal{s}, set, s.replica, s.doubled, s.attachment
	}
	if cfg.Attach != "" {
		c.Replica = s.joinReplica
	}
	return sqldb.NewServer(ctx, c)
}

// reach connects once, to see whether the server can be used at all.
func (s *server) reach(ctx context.Context, dsn string) error {
	cfg, err := parseDSN(dsn)
	if err != nil {
		return err
	}
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, connectTimeout)
	cfg.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // nothing is prepared by name: a pooler may stand between
	s.cfg = cfg
	err = sqldb.Within(ctx, cfg.ConnectTimeout*time.Duration(hosts(cfg)), func(ctx context.Context) (err error) {
		s.admin, err = pgx.ConnectConfig(ctx, cfg)
		return err
	})
	if err != nil {
		return s.unreachable(err)
	}
	return sqldb.Within(ctx, connectTimeout, func(ctx context.Context) (err error) {
		if s.info.Pooling, err = s.pooling(ctx); err != nil {
			return fmt.Errorf("find out whether a pooler stands before the server: %w", err)
		}
		if s.info.Pooling == "" { // whoever gets a pooler's session next would find it under that name
			_, err = s.admin.Exec(ctx, "SET application_name = 'lastseat'")
		}
		return err
	})
}

// hosts is how many servers a DSN names. pgx tries each with TLS and without, and takes the time-out for each try.
func hosts(cfg *pgx.ConnConfig) int {
	seen := map[string]bool{fmt.Sprint(cfg.Host, cfg.Port): true}
	for _, f := range cfg.Fallbacks {
		seen[fmt.Sprint(f.Host, f.Port)] = true
	}
	return len(seen)
}

// unreachable says in one sentence why there is no connection, without the DSN.
func (s *server) unreachable(err error) error {
	if err == nil {
		return nil
	}
	where := fmt.Sprintf("%s:%d", s.cfg.Host, s.cfg.Port)
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return &sqldb.OpenError{What: "cannot reach PostgreSQL at " + where, Err: store.Innermost(err), Do: "start the server, or correct the DSN"}
	}
	what := fmt.Sprintf("PostgreSQL at %s refuses %s", where, sqldb.UserText(s.cfg.User))
	switch pgErr.Code {
	case "28P01", "28000":
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "correct user and password in the DSN"}
	case "3D000":
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "name an existing database in the DSN"}
	case "53300":
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "free connections on the server, or raise its max_connections, or the CONNECTION LIMIT of the role or the database"}
	}
	switch pgErr.Code[:min(2, len(pgErr.Code))] {
	case "53", "57", "58": // of the server's own state
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "see the server's log"}
	}
	// The server's text can quote an option of the DSN.
	return &sqldb.OpenError{What: what, Err: &hiddenError{pgErr}, Do: "see the server's log, and the options in the DSN"}
}

// prepare reads the server's settings back, checks that there is room, and makes the run's schema.
func (s *server) prepare(ctx context.Context, cfg store.OpenConfig) error {
	for _, name := range []string{"server_version", "fsync", "synchronous_commit", "full_page_writes", "deadlock_timeout", "default_transaction_isolation"} {
		var v string
		if err := s.admin.QueryRow(ctx, "SHOW "+name).Scan(&v); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		switch name {
		case "server_version":
			s.info.Version, _, _ = strings.Cut(v, " ")
		case "default_transaction_isolation":
			s.info.DefaultLevel = harness.Level(strings.ReplaceAll(v, " ", "-"))
		default:
			s.info.Settings = append(s.info.Settings, store.Setting{Name: name, Value: v})
		}
	}
	s.info.Durable = s.info.Setting("fsync") == "on" && s.info.Setting("synchronous_commit") != "off"
	if s.driver && s.info.Pooling != "" {
		return &sqldb.OpenError{
			What: "pgx's prepared statements outlive a pooler's sessions", Err: errors.New("this is a pooler (" + s.info.Pooling + ")"),
			Do: "leave --wire driver out, or name the server itself in the DSN",
		}
	}
	limits, err := s.limits(ctx)
	if err != nil {
		return err
	}
	if s.info.Connections, s.info.Note, err = sqldb.Room(cfg, limits...); err != nil {
		return err
	}
	if s.info.Pooling == sqldb.SessionPooling && cfg.Attach == "" {
		if s.info.Connections, s.info.Note, err = s.room(ctx, cfg); err != nil {
			return err
		}
	}
	if err := s.makeSchema(ctx, cfg.Attach == ""); err != nil {
		if errorCode(err) == "42501" {
			return &sqldb.OpenError{
				What: "no right to create a schema in database " + s.cfg.Database, Err: err,
				Do: fmt.Sprintf("GRANT CREATE ON DATABASE %s TO %s, or use another user", s.cfg.Database, s.cfg.User),
			}
		}
		return fmt.Errorf("create schema %s: %w", s.name, err)
	}
	s.cfg = s.cfg.Copy()
	if s.info.Pooling == "" {
		s.cfg.RuntimeParams["application_name"] = s.name // the clients' sessions are told from this one by name
		s.cfg.RuntimeParams["search_path"] = s.name
		s.cfg.RuntimeParams["lock_timeout"] = s.lockTimeout
	} else { // a pooler refuses these, forgets them, or leaves them on the session for whoever comes next
		s.info.Note = join(s.info.Note, "behind a pooler ("+s.info.Pooling+"): statements that would commit by themselves travel as BEGIN, statement, COMMIT")
	}
	return nil
}

func (s *server) connect(ctx context.Context, route store.Route) (sqldb.Conn, error) {
	cfg := s.reached().Copy()
	if route != nil {
		cfg.DialFunc = route.Dial
	}
	through := &pgxConn{}
	if s.driver {
		cfg.OnNotice = through.notice
	} else {
		cfg.DialFunc = nonblock.Dial(cfg.DialFunc)
	}
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, s.unreachable(err)
	}
	if s.driver {
		through.pgx = c
		return through, nil
	}
	w, err := takeOver(c.PgConn())
	if err != nil {
		return nil, err
	}
	own := conn{wire: w, pipeBegin: s.pipeBegin, id: int64(w.PID), begins: []string{begin}}
	switch {
	case s.info.Pooling != "":
		return s.pooled(ctx, own)
	case s.pipeCommit:
		return &committing{own}, nil
	}
	return &own, nil
}

// drop removes the run's schema, or the whole throwaway server.
func (s *server) drop(ctx context.Context) error {
	if s.local != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sqldb.StopTimeout)
		defer cancel()
		if s.admin != nil {
			s.alive.Stop()
			_ = s.admin.Close(ctx) // the server goes anyway
		}
		return s.stop(ctx)
	}
	if s.admin == nil {
		return nil
	}
	s.alive.Stop()
	err := s.dropSchema(ctx)
	if err != nil && s.admin.IsClosed() { // as servers do with a session that is idle for long
		if s.admin, err = pgx.ConnectConfig(ctx, s.cfg); err == nil {
			err = errors.Join(s.outlive(ctx), s.dropSchema(ctx))
		}
	}
	if err != nil {
		err = &sqldb.OpenError{
			What: fmt.Sprintf("schema %s is left in database %s", s.name, s.cfg.Database), Err: store.Innermost(err),
			Do: fmt.Sprintf("when it answers, run lastseat clean --dsn …, or DROP SCHEMA %s CASCADE there", s.name),
		}
	}
	if s.admin != nil {
		_ = s.admin.Close(ctx) // nothing is pending on it
	}
	return err
}
