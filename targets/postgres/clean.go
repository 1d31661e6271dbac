package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// clean finds the schemas that runs have left in a database, and the databases that were made for programs on its server, and drops those
// of dead ones unless only is set.
func clean(ctx context.Context, dsn string, only bool) ([]store.Leftover, error) {
	s := &server{}
	if err := s.reach(ctx, dsn); err != nil {
		return nil, err
	}
	defer s.admin.Close(ctx) //nolint:errcheck // nothing is pending on it
	rows, err := s.admin.Query(ctx, "SELECT nspname FROM pg_namespace WHERE nspname ~ $1 ORDER BY nspname", sqldb.RunNames)
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	var all []store.Leftover
	for _, name := range names {
		left := store.Leftover{Name: name}
		left.Err = s.cleanOne(ctx, &left, only)
		all = append(all, left)
	}
	programs, err := s.cleanPrograms(ctx, only)
	return append(all, programs...), errors.Join(err, ctx.Err())
}

// cleanOne looks at one schema, and drops it if its run is dead: in one transaction, so that it holds the run's lock meanwhile, behind
// a pooler as well. The names are of a form that needs no quotes.
func (s *server) cleanOne(ctx context.Context, left *store.Leftover, only bool) (err error) {
	tx, err := s.admin.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ignoreClosed(tx.Rollback(ctx))) }()
	if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '"+lockTimeout+"'"); err != nil {
		return err
	}
	left.State, err = s.stateOf(ctx, tx, left)
	if err != nil || left.State != store.DeadRun || only {
		return err
	}
	if _, err := tx.Exec(ctx, "DROP SCHEMA "+left.Name+" CASCADE"); err != nil {
		return err
	}
	err = tx.Commit(ctx)
	left.Dropped = err == nil
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, pgx.ErrTxClosed) {
		return nil
	}
	return err
}

// stateOf tells whether a schema's run is alive: it holds its lock, has sessions, or has said so within the last hour.
func (s *server) stateOf(ctx context.Context, tx pgx.Tx, left *store.Leftover) (store.LeftoverState, error) {
	var marked bool
	marker := left.Name + "." + sqldb.Marker
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", marker).Scan(&marked); err != nil || !marked {
		return store.NotOurs, err
	}
	var lives string
	var silent float64
	var started time.Time
	err := tx.QueryRow(ctx, "SELECT version, host, pid, started, lives, EXTRACT(EPOCH FROM CURRENT_TIMESTAMP - beat)::float8 FROM "+marker).
		Scan(&left.Version, &left.Host, &left.PID, &started, &lives, &silent)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.NotOurs, nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", marker, err)
	}
	left.Started = started
	if lives == sqldb.LivesByBeat && silent < sqldb.BeatDead.Seconds() {
		return store.Alive, nil
	}
	var free bool
	var sessions int
	if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1::bigint)", sqldb.LivenessKey(left.Name)).Scan(&free); err != nil {
		return "", err
	}
	const count = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = $1"
	if err := tx.QueryRow(ctx, count, left.Name).Scan(&sessions); err != nil {
		return "", err
	}
	if !free || sessions > 0 {
		return store.Alive, nil
	}
	return store.DeadRun, nil
}
