package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// makeOwn makes a database, and the one beside it that holds the copies of its tables, and the marker: that comes first and goes last, so
// that the other is known by it. Others know by a lock, from before then on, that its run is alive. An interrupt waits for the end of it: what
// was half made would not be known.
func (s *programServer) makeOwn(ctx context.Context, d *programDatabase) error {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), sqldb.StopTimeout)
	defer cancel()
	var got bool
	if err := s.admin.QueryRowContext(whole, "SELECT COALESCE(GET_LOCK(?, 0), 0)", d.name).Scan(&got); err != nil || !got {
		return errors.Join(fmt.Errorf("lock the database's name: %s", d.name), err)
	}
	s.made = append(s.made, d)
	seed := d.name + seedSuffix
	statements := []string{"CREATE DATABASE " + seed + " COLLATE " + birthmark}
	statements = append(statements, sqldb.MarkerStatements(seed, sqldb.LivesByLock, "DATETIME", "UTC_TIMESTAMP()")...)
	for _, text := range append(statements, "CREATE DATABASE "+d.name) {
		if _, err := s.admin.ExecContext(whole, text); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// dropOwn drops what makeOwn made. Sessions that still work there, as a statement that never ends, would be waited for: they are ended.
func (s *programServer) dropOwn(ctx context.Context, name string) error {
	_, results, err := ask(ctx, s.admin, "SELECT id FROM information_schema.processlist WHERE db = '"+name+"'")
	for i := 0; err == nil && i < len(results[0]); i++ {
		_, _ = s.admin.ExecContext(ctx, "KILL "+results[0][i][0]) // it may have ended by itself
	}
	for _, db := range []string{name, name + seedSuffix} {
		if _, err := s.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+db); err != nil {
			return fmt.Errorf("database %s is left on the server: %w; when it answers, run lastseat clean, or DROP DATABASE %s there", db, err, db)
		}
	}
	return nil
}

// sees is an error where the user may not be told who waits for a lock.
func (s *programServer) sees(ctx context.Context) error {
	right := "SELECT ON performance_schema.*"
	if s.mariaDB {
		right = "PROCESS ON *.*"
	}
	_, err := (&programDatabase{server: s, watch: s.admin}).Waiting(ctx, []uint64{0})
	return noRight(err, right)
}

// cleanPrograms finds the databases that were made for programs, and drops those of dead runs unless only is set.
func cleanPrograms(ctx context.Context, conn *sql.Conn, only bool) (all []store.Leftover, err error) {
	names, err := databases(ctx, conn, strings.Replace(sqldb.ProgramNames, "$", "("+seedSuffix+")?$", 1))
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if name = strings.TrimSuffix(name, seedSuffix); !seen[name] {
			seen[name] = true
			left := store.Leftover{Name: name}
			left.Err = cleanProgram(ctx, conn, &left, only)
			all = append(all, left)
		}
	}
	return all, nil
}

// cleanProgram looks at one database, by the marker in the one beside it, and drops both if their run is dead, holding its lock meanwhile.
func cleanProgram(ctx context.Context, conn *sql.Conn, left *store.Leftover, only bool) (err error) {
	free, release, err := heldName(ctx, conn, left.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	beside := *left
	beside.Name += seedSuffix
	state, err := stateOf(ctx, conn, &beside, free)
	if err != nil {
		return err
	}
	beside.Name, beside.State = left.Name, state
	*left = beside
	var sessions int
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?", left.Name).Scan(&sessions); err != nil {
		return err
	}
	if sessions > 0 && left.State == store.DeadRun {
		left.State = store.Alive
	}
	if left.State != store.DeadRun || only {
		return nil
	}
	if err := dropLeftUser(ctx, conn, left.Name); err != nil {
		return err
	}
	for _, db := range []string{left.Name, left.Name + seedSuffix} {
		if _, err := conn.ExecContext(ctx, "DROP DATABASE IF EXISTS "+db); err != nil {
			return err
		}
	}
	left.Dropped = true
	return nil
}
