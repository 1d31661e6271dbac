package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/targets/wire"
)

// Databases is what programs of the user's need of this engine.
func Databases() database.Engine {
	return database.Engine{
		Name: "postgres", Product: "PostgreSQL", Schemes: []string{"postgres", "postgresql"}, Protocol: wire.Postgres(), Dial: dialProgram, Open: openProgram,
		Snapshot: func(l harness.Level) bool { return Isolation(l).TxSnapshot },
		Watches:  func(l harness.Level) bool { return Isolation(l).Watches },
		Locking: func(l harness.Level) database.Locking {
			return database.Locking{FirstWins: Isolation(l).Prevents.Has(promise.P4)}
		},
		Conflict: func(code string, _ int) harness.Conflict { return conflictOf(code) },
		Reach: func(l harness.Level) database.Reach {
			return database.Reach{Always: true, First: Isolation(l).TxSnapshot}
		},
		Naming: database.Naming{
			Drivers: []string{
				"pg", "pg-promise", "psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000", "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v4",
				"github.com/lib/pq", "gorm.io/driver/postgres", "org.postgresql", "postgres",
			},
			JDBC: "jdbc:postgresql", Django: "django.db.backends.postgresql", Laravel: "pgsql",
		},
	}
}

// programSettings: a deadlock is found as soon as it is there, so that it is always the one whose wait closes the circle that is
// refused; and no autovacuum works beside the schedules.
func programSettings() []string {
	return []string{"-c", "deadlock_timeout=1ms", "-c", "autovacuum=off"}
}

// programServer is a server on which databases are made for programs.
type programServer struct {
	cfg   *pgconn.Config
	local *local.Server
	admin *pgconn.PgConn
	about database.About
	made  []*programDatabase
}

func openProgram(ctx context.Context, dsn string, durable bool) (_ database.Server, err error) {
	dsn, throwaway, err := local.Resolve(ctx, Program(), dsn, local.Options{ExtraArgs: programSettings(), Volatile: !durable})
	if err != nil {
		return nil, err
	}
	s := &programServer{local: throwaway, about: database.About{Product: "PostgreSQL", Throwaway: throwaway != nil}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	full, err := parseDSN(dsn)
	if err != nil {
		return nil, err
	}
	s.cfg = &full.Config
	s.cfg.ConnectTimeout = connectTimeout
	if s.admin, err = pgconn.ConnectConfig(ctx, s.cfg); err != nil {
		return nil, (&server{cfg: full}).unreachable(err)
	}
	if err := s.direct(ctx); err != nil {
		return nil, err
	}
	s.about.Version, _, _ = strings.Cut(s.admin.ParameterStatus("server_version"), " ")
	_, rows, err := ask(ctx, s.admin, "SHOW default_transaction_isolation")
	if err != nil {
		return nil, err
	}
	s.about.Level = harness.Level(strings.ReplaceAll(rows[0][0], " ", "-"))
	return s, nil
}

// About implements database.Server.
func (s *programServer) About() database.About { return s.about }

// Create implements database.Server.
func (s *programServer) Create(ctx context.Context, name string) (database.Database, error) {
	err := s.makeOwn(ctx, name)
	if errorCode(err) == "42501" {
		return nil, &sqldb.OpenError{
			What: "no right to create a database", Err: err, Do: fmt.Sprintf("ALTER ROLE %s CREATEDB, or use another user", s.cfg.User),
		}
	}
	if err != nil {
		return nil, fmt.Errorf("create database %s: %w", name, err)
	}
	d := s.made[len(s.made)-1]
	d.cfg = s.cfg.Copy()
	d.cfg.Database = name
	d.cfg.RuntimeParams["application_name"] = "lastseat"
	if err := run(ctx, s.admin, "ALTER DATABASE "+quote(name)+" SET deadlock_timeout = '1ms'"); err != nil && errorCode(err) != "42501" {
		return nil, fmt.Errorf("have deadlocks found at once: %w", err)
	}
	return d, d.reach(ctx)
}

// reach makes the connections by which the database is looked at.
func (d *programDatabase) reach(ctx context.Context) (err error) {
	if d.conn, err = pgconn.ConnectConfig(ctx, d.cfg); err == nil {
		d.watch, err = pgconn.ConnectConfig(ctx, d.cfg)
	}
	if err != nil {
		return fmt.Errorf("reach database %s: %w", d.name, err)
	}
	return run(ctx, d.conn, "SET lock_timeout = '5s'")
}

// Kill implements database.Mortal.
func (s *programServer) Kill() error { return s.local.Kill() }

// Restart implements database.Mortal.
func (s *programServer) Restart(ctx context.Context) (err error) {
	if err := s.local.Restart(ctx); err != nil {
		return err
	}
	_ = s.admin.Close(ctx) // it ended with the server
	if s.admin, err = pgconn.ConnectConfig(ctx, s.cfg); err != nil {
		return fmt.Errorf("reach the server again: %w", err)
	}
	for _, d := range s.made {
		d.close(ctx)
		if err := d.reach(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close implements database.Server.
func (s *programServer) Close(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sqldb.StopTimeout)
	defer cancel()
	for _, d := range s.made {
		d.close(ctx)
		if s.local == nil {
			err = errors.Join(err, s.dropOwn(ctx, d.name))
		}
	}
	if s.admin != nil {
		_ = s.admin.Close(ctx) // nothing is pending on it
	}
	if s.local != nil {
		err = errors.Join(err, s.local.Stop(ctx))
	}
	return err
}

// programDatabase is a database for a program.
type programDatabase struct {
	name        string
	cfg         *pgconn.Config
	conn, watch *pgconn.PgConn
	only        string // the schema that is looked at; empty: all but the server's
	restored    int    // how often
	links       *links // nil: triggers and foreign keys can be switched off
}

func (d *programDatabase) close(ctx context.Context) {
	for _, c := range []*pgconn.PgConn{d.conn, d.watch} {
		if c != nil {
			_ = c.Close(ctx) // the database goes with it
		}
	}
}

// Name implements database.Database.
func (d *programDatabase) Name() string { return d.name }

// URL implements database.Database.
func (d *programDatabase) URL(address string, login *url.Userinfo) *url.URL {
	return &url.URL{Scheme: "postgres", User: login, Host: address, Path: "/" + d.name, RawQuery: "sslmode=disable"}
}

// Proxied implements database.Database.
func (d *programDatabase) Proxied(s database.Sessions) (proxy.Server, error) {
	params := map[string]string{}
	if s.Level != "" {
		params["default_transaction_isolation"] = strings.ToLower(s.Level.SQL())
	}
	if s.BriefWaits {
		params["lock_timeout"] = "1s"
	}
	return proxy.Server{Protocol: wire.Postgres(), Database: d.name, Enter: entrance(d.cfg, params)}, nil
}

// Exec implements database.Database.
func (d *programDatabase) Exec(ctx context.Context, sql string) error { return run(ctx, d.conn, sql) }

// Query implements database.Database.
func (d *programDatabase) Query(ctx context.Context, sql string) ([]string, [][]string, error) {
	return ask(ctx, d.conn, sql)
}

// Waiting implements database.Database.
func (d *programDatabase) Waiting(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	_, rows, err := ask(ctx, d.watch, "SELECT pid FROM pg_locks WHERE NOT granted AND NOT "+atGate+" AND pid IN ("+list(sessions)+")")
	if err != nil {
		return nil, fmt.Errorf("ask who waits for a lock: %w", err)
	}
	return sessionsOf(rows), nil
}

// There implements database.Database.
func (d *programDatabase) There(ctx context.Context, sessions []uint64) (bool, error) {
	_, rows, err := ask(ctx, d.watch, "SELECT pid FROM pg_stat_activity WHERE pid IN ("+list(sessions)+")")
	if err != nil {
		return false, fmt.Errorf("ask which sessions there are: %w", err)
	}
	return len(rows) > 0, nil
}

func list(sessions []uint64) string {
	texts := make([]string, len(sessions))
	for i, s := range sessions {
		texts[i] = strconv.FormatUint(s, 10)
	}
	return strings.Join(texts, ",")
}

// sessionsOf are the sessions that rows name.
func sessionsOf(rows [][]string) map[uint64]bool {
	all := map[uint64]bool{}
	for _, r := range rows {
		id, _ := strconv.ParseUint(r[0], 10, 64)
		all[id] = true
	}
	return all
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// run runs statements.
func run(ctx context.Context, c *pgconn.PgConn, sql string) error {
	_, err := c.Exec(ctx, sql).ReadAll()
	return err
}

// ask runs one statement.
func ask(ctx context.Context, c *pgconn.PgConn, sql string) (columns []string, rows [][]string, err error) {
	all, err := c.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		return nil, nil, nil
	}
	for _, f := range all[0].FieldDescriptions {
		columns = append(columns, f.Name)
	}
	return columns, texts(all[0]), nil
}

// texts are a result's rows.
func texts(r *pgconn.Result) [][]string {
	rows := make([][]string, len(r.Rows))
	for i, row := range r.Rows {
		rows[i] = make([]string, len(row))
		for j, v := range row {
			rows[i][j] = database.Null
			if v != nil {
				rows[i][j] = string(v)
			}
		}
	}
	return rows
}
