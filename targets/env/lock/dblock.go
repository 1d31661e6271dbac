package lock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// dbLocks are locks of the store's own server that belong to a session, on connections beside those that do the work: pg_advisory_lock,
// GET_LOCK. They do not come by Env.Route: a fault that breaks the clients' connections leaves them alone. Where it would break one
// of these, the lock would go while its holder still works.
type dbLocks struct {
	store *access
	terms terms
	space int32 // the row's own part of all locks
}

func openDBLock(_ context.Context, _ *design, opt store.ComponentOptions) (service, error) {
	return &dbLocks{store: newStore(opt.Store)}, nil
}

// unable says why there are no such locks.
func (d *dbLocks) unable() string {
	if d.store.connect == nil {
		return "the store has no locks that a session could hold"
	}
	if d.store.pooling != "" {
		return "its locks belong to a session, and behind a pooler (" + d.store.pooling + ") sessions outlive their clients: name the server itself in the DSN"
	}
	return ""
}

func (d *dbLocks) begin(_ context.Context, t terms) error {
	d.terms, d.space = t, rand.Int32()
	return nil
}

func (d *dbLocks) locker(int) Locker       { return &dbLocker{all: d} }
func (d *dbLocks) mortals() []store.Mortal { return nil }
func (d *dbLocks) Close() error            { return nil }

// dbLocker is a client's connection for locks.
type dbLocker struct {
	all *dbLocks
	db  *sql.DB // nil before the first lock, and after the connection failed
}

// Lock waits in the server.
func (l *dbLocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	if l.db == nil {
		db, err := l.all.store.connect(l.all.terms.wait)
		if err != nil {
			return nil, errors.Join(ErrBusy, err)
		}
		l.db = db
	}
	ok, err := l.all.store.lock(ctx, l.db, l.all.space, c, l.all.terms.wait)
	if err != nil {
		_ = l.Close() // whether it has the lock nobody knows: the session's end gives it back
		return nil, fmt.Errorf("lock cell %d: %w", c, errors.Join(ErrBusy, err))
	}
	if !ok {
		return nil, fmt.Errorf("lock cell %d: %w", c, ErrBusy)
	}
	return &dbLease{locker: l, db: l.db, cell: c}, nil
}

// Close ends the session, and with it all of its locks.
func (l *dbLocker) Close() error {
	if l.db != nil {
		_ = l.db.Close() // it is of no use any more
		l.db = nil
	}
	return nil
}

type dbLease struct {
	locker *dbLocker
	db     *sql.DB
	cell   harness.Cell
}

// Unlock gives it back; where that fails, all of the session's with it.
func (l *dbLease) Unlock(ctx context.Context) error {
	if l.locker.db != l.db {
		return nil // it ended with its session
	}
	if err := l.locker.all.store.unlock(ctx, l.db, l.locker.all.space, l.cell); err != nil {
		return l.locker.Close()
	}
	return nil
}

// Token is none: neither server numbers its locks.
func (l *dbLease) Token() int64 { return 0 }

// Held goes by the session.
func (l *dbLease) Held() bool { return l.locker.db == l.db }

func postgresLock(ctx context.Context, db *sql.DB, space int32, c harness.Cell, _ time.Duration) (bool, error) {
	_, err := db.ExecContext(ctx, "SELECT pg_advisory_lock($1::int, $2::int)", space, int32(c))
	var late *pgconn.PgError
	if errors.As(err, &late) && late.Code == "55P03" {
		return false, nil
	}
	return err == nil, err
}

func postgresUnlock(ctx context.Context, db *sql.DB, space int32, c harness.Cell) error {
	_, err := db.ExecContext(ctx, "SELECT pg_advisory_unlock($1::int, $2::int)", space, int32(c))
	return err
}

func mysqlName(space int32, c harness.Cell) string { return fmt.Sprintf("lastseat-%d-%d", space, c) }

// mysqlLock waits for whole seconds: MySQL knows no shorter ones.
func mysqlLock(ctx context.Context, db *sql.DB, space int32, c harness.Cell, wait time.Duration) (bool, error) {
	var got sql.NullInt64
	seconds := max(1, int64(wait/time.Second))
	err := db.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", mysqlName(space, c), seconds).Scan(&got)
	return err == nil && got.Int64 == 1, err
}

func mysqlUnlock(ctx context.Context, db *sql.DB, space int32, c harness.Cell) error {
	_, err := db.ExecContext(ctx, "DO RELEASE_LOCK(?)", mysqlName(space, c))
	return err
}
