package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// birthLimit is the CONNECTION LIMIT of a database that was made for a program. It limits nothing, and hardly anybody else would choose
// it: it marks the database from its first moment, since lastseat may be killed before the comment says more.
const birthLimit = 617_471

// makeOwn makes a database. Others know by a lock, from before then on, that its run is alive. An interrupt waits for the end of it: what
// was half made would not be known.
func (s *programServer) makeOwn(ctx context.Context, name string) error {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), makeLimit)
	defer cancel()
	if err := run(whole, s.admin, fmt.Sprintf("SELECT pg_advisory_lock(%d)", sqldb.ProgramKey(name))); err != nil {
		return fmt.Errorf("lock the database's name: %w", err)
	}
	s.made = append(s.made, &programDatabase{name: name})
	if err := run(whole, s.admin, fmt.Sprintf("CREATE DATABASE %s CONNECTION LIMIT %d", quote(name), birthLimit)); err != nil {
		return err
	}
	if err := run(whole, s.admin, fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", quote(name), sqldb.ProgramMark())); err != nil {
		return err
	}
	return ctx.Err()
}

// makeLimit is the longest that the server may take to make a database: it copies a template, and may wait for a checkpoint.
const makeLimit = 30 * time.Second

// dropOwn drops what makeOwn made, on another connection if the first is lost.
func (s *programServer) dropOwn(ctx context.Context, name string) (err error) {
	admin := s.admin
	if admin.IsClosed() {
		if admin, err = pgconn.ConnectConfig(ctx, s.cfg); err == nil {
			s.admin = admin
		}
	}
	if err == nil {
		err = run(ctx, admin, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	}
	if err != nil {
		return fmt.Errorf("database %s is left on the server: %w; when it answers, run lastseat clean, or DROP DATABASE %s there", name, err, name)
	}
	return nil
}

// direct is an error where a pooler stands before the server: statements could not be held one by one, and the database would not be known
// to it.
func (s *programServer) direct(ctx context.Context) error {
	_, rows, err := ask(ctx, s.admin, backend)
	if err != nil {
		return err
	}
	if rows[0][0] != fmt.Sprint(s.admin.PID()) {
		return errors.New("a program cannot be explored through a pooler, which gives sessions to several clients in turn: let database: name the server itself")
	}
	return nil
}

// cleanPrograms finds the databases that were made for programs on a server, and drops those of dead runs unless only is set.
func (s *server) cleanPrograms(ctx context.Context, only bool) ([]store.Leftover, error) {
	rows, err := s.admin.Query(ctx, "SELECT datname, datconnlimit, COALESCE(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname ~ $1 ORDER BY 1", sqldb.ProgramNames)
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	var all []store.Leftover
	var name, mark string
	var limit int
	_, err = pgx.ForEachRow(rows, []any{&name, &limit, &mark}, func() error {
		left := store.Leftover{Name: name, State: store.NotOurs}
		if sqldb.ReadProgramMark(mark, &left) || mark == "" && limit == birthLimit {
			left.State = store.DeadRun
		}
		all = append(all, left)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	for i := range all {
		if all[i].State == store.DeadRun {
			all[i].Err = s.cleanProgram(ctx, &all[i], only)
		}
	}
	return all, nil
}

// cleanProgram drops a database unless its run is alive: it holds its lock, in whatever database, or has sessions there.
func (s *server) cleanProgram(ctx context.Context, left *store.Leftover, only bool) error {
	const count = `SELECT (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend')
		+ (SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = $2)`
	var signs int
	if err := s.admin.QueryRow(ctx, count, left.Name, sqldb.ProgramKey(left.Name)).Scan(&signs); err != nil {
		return fmt.Errorf("look whether its run is alive: %w", err)
	}
	if signs > 0 {
		left.State = store.Alive
		return nil
	}
	if only {
		return nil
	}
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(left.Name))
	left.Dropped = err == nil
	return err
}
