package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// clean finds the databases that runs have left on a server, and those that were made for programs, and drops those of dead ones unless only is set.
func clean(ctx context.Context, dsn string, only bool) ([]store.Leftover, error) {
	return cleanOf(ctx, dsn, nil, only)
}

// cleanOf does it on one of a cluster's servers: what is dropped there is dropped on all.
func cleanOf(ctx context.Context, dsn string, kind *clusterKind, only bool) (all []store.Leftover, err error) {
	s := &server{kind: kind}
	if err := s.reach(ctx, dsn); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.admin.Close()) }()
	conn, err := s.admin.Conn(ctx)
	if err != nil {
		return nil, s.unreachable(err)
	}
	defer conn.Close() //nolint:errcheck // nothing is pending on it
	names, err := databases(ctx, conn, sqldb.RunNames)
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	for _, name := range names {
		left := store.Leftover{Name: name}
		left.Err = cleanOne(ctx, conn, &left, only)
		all = append(all, left)
	}
	programs, err := cleanPrograms(ctx, conn, only)
	return append(all, programs...), errors.Join(err, ctx.Err())
}

// databases are those whose name fits an expression.
func databases(ctx context.Context, conn *sql.Conn, expression string) (names []string, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP '"+expression+"' ORDER BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if name == strings.ToLower(name) { // a server's expressions may not tell letters apart
			names = append(names, name)
		}
	}
	return names, rows.Err()
}

// cleanOne looks at one database, and drops it if its run is dead, holding the run's lock meanwhile.
func cleanOne(ctx context.Context, conn *sql.Conn, left *store.Leftover, only bool) (err error) {
	free, release, err := heldName(ctx, conn, left.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	left.State, err = stateOf(ctx, conn, left, free)
	if err != nil || left.State != store.DeadRun || only {
		return err
	}
	_, err = conn.ExecContext(ctx, "DROP DATABASE "+left.Name)
	left.Dropped = err == nil
	return err
}

// heldName takes the lock of a run's name, if it is free.
func heldName(ctx context.Context, conn *sql.Conn, name string) (free bool, release func() error, err error) {
	if err := conn.QueryRowContext(ctx, "SELECT COALESCE(GET_LOCK(?, 0), 0)", name).Scan(&free); err != nil {
		return false, nil, err
	}
	return free, func() error {
		if !free {
			return nil
		}
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(?)", name)
		return err
	}, nil
}

// stateOf tells whether a database's run is alive: it holds its lock, or has sessions.
func stateOf(ctx context.Context, conn *sql.Conn, left *store.Leftover, free bool) (store.LeftoverState, error) {
	var marked bool
	const find = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
	if err := conn.QueryRowContext(ctx, find, left.Name, sqldb.Marker).Scan(&marked); err != nil {
		return "", err
	}
	if !marked {
		return newborn(ctx, conn, left.Name, free)
	}
	var age, silent int64
	var lives string
	err := conn.QueryRowContext(ctx, "SELECT version, host, pid, TIMESTAMPDIFF(SECOND, started, UTC_TIMESTAMP()), lives, "+
		"TIMESTAMPDIFF(SECOND, beat, UTC_TIMESTAMP()) FROM "+left.Name+"."+sqldb.Marker).Scan(&left.Version, &left.Host, &left.PID, &age, &lives, &silent)
	if errors.Is(err, sql.ErrNoRows) {
		return newborn(ctx, conn, left.Name, free)
	}
	if err != nil {
		return "", fmt.Errorf("read %s.%s: %w", left.Name, sqldb.Marker, err)
	}
	left.Started = ago(age)
	if lives == sqldb.LivesByBeat && silent < int64(sqldb.BeatDead.Seconds()) {
		return store.Alive, nil
	}
	var sessions int
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?", left.Name).Scan(&sessions); err != nil {
		return "", err
	}
	if !free || sessions > 0 {
		return store.Alive, nil
	}
	return store.DeadRun, nil
}

// newborn tells whether a database without a marker, or with an empty one, is a run's that was killed as it made it.
func newborn(ctx context.Context, conn *sql.Conn, name string, free bool) (store.LeftoverState, error) {
	var ours bool
	const find = "SELECT COUNT(*) FROM information_schema.schemata s WHERE schema_name = ? AND default_collation_name = ? AND " +
		"NOT EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = s.schema_name AND t.table_name <> ?)"
	err := conn.QueryRowContext(ctx, find, name, birthmark, sqldb.Marker).Scan(&ours)
	switch {
	case err != nil:
		return "", err
	case !ours:
		return store.NotOurs, nil
	case !free:
		return store.Alive, nil
	}
	return store.DeadRun, nil
}

func ago(seconds int64) time.Time { return time.Now().Add(-time.Duration(seconds) * time.Second) }
