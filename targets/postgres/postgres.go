// Package postgres is the PostgreSQL target, on pgx itself: in goes a DSN or a server program, out comes a harness.Server
// whose tables live in a schema of the run's own. Start at Engine.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/targets/wire"
)

// Engine is the table's line for this target.
func Engine() harness.Engine {
	return harness.Engine{
		Name: "postgres", Product: "PostgreSQL", SQL: true, Strategies: sqldb.Infos(), Open: open, DSNEnv: "LASTSEAT_POSTGRES_DSN",
		Schemes: []string{"postgres", "postgresql"}, Prefixes: []string{"pg"}, Programs: []string{"postgres"},
		SetLevel: func(l harness.Level) string {
			return "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + l.SQL()
		},
		Explain: "a PostgreSQL server: yours by DSN, or a throwaway one from the programs on this machine",
	}
}

const (
	connectTimeout = 10 * time.Second
	lockTimeout    = "5s"
)

// throwawaySettings differ from PostgreSQL's defaults: with its 1 s, a strategy that deadlocks does little else than wait.
func throwawaySettings() []string { return []string{"-c", "deadlock_timeout=10ms"} }

// server is what open finds out, piece by piece.
type server struct {
	name  string // of the run's schema and of its sessions
	dsn   string // as it was given
	cfg   *pgx.ConnConfig
	local *local.Server // the throwaway server; nil on the user's own
	admin *pgx.Conn
	info  harness.ServerInfo

	pipeBegin bool
}

func open(ctx context.Context, cfg harness.OpenConfig) (harness.Server, error) {
	dsn, throwaway, err := local.Resolve(ctx, local.Postgres, cfg.DSN, local.Options{ExtraArgs: throwawaySettings(), Volatile: cfg.Volatile})
	if err != nil {
		return nil, err
	}
	name, key := sqldb.NewRunName()
	s := &server{name: name, dsn: dsn, local: throwaway, pipeBegin: cfg.PipeBegin}
	s.info = harness.ServerInfo{Product: "PostgreSQL", Throwaway: throwaway != nil}
	if err := s.reach(ctx, dsn); err != nil {
		return nil, sqldb.CleanUp(ctx, err, s.drop)
	}
	if err := s.prepare(ctx, cfg); err != nil {
		return nil, sqldb.CleanUp(ctx, err, s.drop)
	}
	c := sqldb.Config{
		Dialect: dialect(name), Info: s.info, Levels: harness.Levels(), Isolation: Isolation, SkipLevel: skipLevel,
		Connect: s.connect, Drop: s.drop, Wipe: s.wipe, Key: key, Lend: s.lend, Wire: wire.Postgres(),
		Mortal: sqldb.MortalOf(throwaway), Settable: []string{"synchronous_commit"},
	}
	if throwaway != nil {
		c.Set, c.Standby = set, throwaway.Standby
	}
	return sqldb.NewServer(ctx, c)
}

// reach connects once, to see whether the server can be used at all.
func (s *server) reach(ctx context.Context, dsn string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// pgx's parse errors mask the password.
		return fmt.Errorf("postgres DSN: %w; write postgres://user:password@host:5432/database", err)
	}
	cfg.ConnectTimeout = connectTimeout
	cfg.RuntimeParams["application_name"] = "lastseat"
	cfg.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	s.cfg = cfg
	s.admin, err = pgx.ConnectConfig(ctx, cfg)
	return s.unreachable(err)
}

// unreachable says in one sentence why there is no connection, without the DSN.
func (s *server) unreachable(err error) error {
	if err == nil {
		return nil
	}
	where := fmt.Sprintf("%s:%d", s.cfg.Host, s.cfg.Port)
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return &sqldb.OpenError{What: "cannot reach PostgreSQL at " + where, Err: sqldb.Innermost(err), Do: "start the server, or correct the DSN"}
	}
	what := fmt.Sprintf("PostgreSQL at %s refuses user %s", where, s.cfg.User)
	switch pgErr.Code {
	case "28P01", "28000":
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "correct user and password in the DSN"}
	case "3D000":
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "name an existing database in the DSN"}
	case "53300":
		return &sqldb.OpenError{What: what, Err: pgErr, Do: "free connections on the server, or raise its max_connections"}
	}
	return &sqldb.OpenError{What: what, Err: pgErr, Do: "see the server's log"}
}

// prepare reads the server's settings back, checks that there is room, and makes the run's schema.
func (s *server) prepare(ctx context.Context, cfg harness.OpenConfig) error {
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
			s.info.Settings = append(s.info.Settings, harness.Setting{Name: name, Value: v})
		}
	}
	s.info.Durable = s.info.Setting("fsync") == "on" && s.info.Setting("synchronous_commit") != "off"
	var free int
	const room = `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
		- (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int`
	if err := s.admin.QueryRow(ctx, room).Scan(&free); err != nil {
		return fmt.Errorf("count the free connections: %w", err)
	}
	var err error
	if s.info.Connections, s.info.Note, err = sqldb.Room(cfg, free, "max_connections"); err != nil {
		return err
	}
	if _, err := s.admin.Exec(ctx, "CREATE SCHEMA "+s.name); err != nil {
		if errorCode(err) == "42501" {
			return &sqldb.OpenError{
				What: "no right to create a schema in database " + s.cfg.Database, Err: err,
				Do: fmt.Sprintf("GRANT CREATE ON DATABASE %s TO %s, or use another user", s.cfg.Database, s.cfg.User),
			}
		}
		return fmt.Errorf("create schema %s: %w", s.name, err)
	}
	// The clients' sessions are told from this one by name.
	s.cfg = s.cfg.Copy()
	s.cfg.RuntimeParams["application_name"] = s.name
	s.cfg.RuntimeParams["search_path"] = s.name
	s.cfg.RuntimeParams["lock_timeout"] = lockTimeout
	return nil
}

func (s *server) connect(ctx context.Context, route harness.Route) (sqldb.Conn, error) {
	cfg := s.cfg
	if route != nil {
		cfg = s.cfg.Copy()
		cfg.DialFunc = route.Dial
	}
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, s.unreachable(err)
	}
	w, err := takeOver(c.PgConn())
	if err != nil {
		return nil, err
	}
	return &conn{wire: w, pipeBegin: s.pipeBegin}, nil
}

// drop removes the run's schema, or the whole throwaway server.
func (s *server) drop(ctx context.Context) error {
	if s.local != nil {
		if s.admin != nil {
			_ = s.admin.Close(ctx) // the server goes anyway
		}
		return s.local.Stop(ctx)
	}
	if s.admin == nil {
		return nil
	}
	err := s.dropSchema(ctx)
	if err != nil && s.admin.IsClosed() { // as servers do with a session that is idle for long
		if s.admin, err = pgx.ConnectConfig(ctx, s.cfg); err == nil {
			err = s.dropSchema(ctx)
		}
	}
	if err != nil {
		err = &sqldb.OpenError{
			What: fmt.Sprintf("schema %s is left in database %s", s.name, s.cfg.Database), Err: sqldb.Innermost(err),
			Do: fmt.Sprintf("run DROP SCHEMA %s CASCADE there", s.name),
		}
	}
	if s.admin != nil {
		_ = s.admin.Close(ctx) // nothing is pending on it
	}
	return err
}

// wipe empties the run's schema.
func (s *server) wipe(ctx context.Context, monitor sqldb.Conn) error {
	return sqldb.Run(ctx, monitor, "DROP SCHEMA "+s.name+" CASCADE", "CREATE SCHEMA "+s.name)
}

func (s *server) dropSchema(ctx context.Context) error {
	_, err := s.admin.Exec(ctx, "DROP SCHEMA IF EXISTS "+s.name+" CASCADE")
	return err
}
