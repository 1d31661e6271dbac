package lock

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// dbLocks are locks of the store's own server that belong to a session, on connections beside those that do the work. They do not come by Env.Route: a fault that breaks the clients' connections leaves them alone. Where it would break one
// of these, the lock would go while its holder still works.
type dbLocks struct {
	store store.SessionLocks // nil: it has none
	terms terms
	space int32 // the row's own part of all locks
}

func openDBLock(_ context.Context, _ *design, opt store.ComponentOptions) (service, error) {
	locks, _ := opt.Store.(store.SessionLocks)
	return &dbLocks{store: locks}, nil
}

// unable says why there are no such locks.
func (d *dbLocks) unable() string {
	if d.store == nil {
		return "the store has no locks that a session could hold"
	}
	return d.store.NoSessionLocks()
}

func (d *dbLocks) begin(_ context.Context, t terms, _ int) error {
	d.terms, d.space = t, rand.Int32()
	return nil
}

func (d *dbLocks) share() attachment { return attachment{Space: strconv.Itoa(int(d.space))} }

func (d *dbLocks) join(t terms, space string) error {
	n, err := strconv.ParseInt(space, 10, 32)
	d.terms, d.space = t, int32(n)
	return err
}

func (d *dbLocks) locker(int) Locker                 { return &dbLocker{all: d} }
func (d *dbLocks) mortals() ([]store.Mortal, string) { return nil, "" }
func (d *dbLocks) Close() error                      { return nil }

// dbLocker is a client's connection for locks.
type dbLocker struct {
	all     *dbLocks
	session store.LockSession // nil before the first lock, and after the connection failed
}

// Lock waits in the server.
func (l *dbLocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	if l.session == nil {
		session, err := l.all.store.LockSession(ctx, l.all.terms.wait)
		if err != nil {
			return nil, errors.Join(ErrBusy, err)
		}
		l.session = session
	}
	ok, err := l.session.Lock(ctx, l.all.space, int32(c))
	if err != nil {
		_ = l.Close() // whether it has the lock nobody knows: the session's end gives it back
		return nil, fmt.Errorf("lock cell %d: %w", c, errors.Join(ErrBusy, err))
	}
	if !ok {
		return nil, fmt.Errorf("lock cell %d: %w", c, ErrBusy)
	}
	return &dbLease{locker: l, session: l.session, cell: c}, nil
}

// Close ends the session, and with it all of its locks.
func (l *dbLocker) Close() error {
	if l.session != nil {
		_ = l.session.Close() // it is of no use any more
		l.session = nil
	}
	return nil
}

type dbLease struct {
	locker  *dbLocker
	session store.LockSession
	cell    harness.Cell
}

// Unlock gives it back; where that fails, all of the session's with it.
func (l *dbLease) Unlock(ctx context.Context) error {
	if l.locker.session != l.session {
		return nil // it ended with its session
	}
	if err := l.session.Unlock(ctx, l.locker.all.space, int32(l.cell)); err != nil {
		return l.locker.Close()
	}
	return nil
}

// Token is none: neither server numbers its locks.
func (l *dbLease) Token() int64 { return 0 }

// Held asks the server: a session that it ended, or lost when it was killed, holds nothing, and its client is told only when it asks.
func (l *dbLease) Held(ctx context.Context) bool {
	return l.locker.session == l.session && l.session.Alive(ctx)
}
