package lock

import (
	"context"
	"errors"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Locker takes locks for one client. One goroutine at a time uses it.
type Locker interface {
	// Lock waits for the lock of a cell. The error wraps ErrBusy where it was not to be had in time.
	Lock(ctx context.Context, c harness.Cell) (Lease, error)
	// Close ends the client's session with whoever keeps the locks, and so gives back those that are bound to it.
	Close() error
}

// Lease is a lock that was had.
type Lease interface {
	// Unlock gives it back. That it is not held any more is no error.
	Unlock(ctx context.Context) error
	// Token grows from holder to holder, whatever the cell; 0: there is none.
	Token() int64
	// Held reports whether the holder believes that it holds the lock.
	Held(ctx context.Context) bool
}

// renewable is a Lease that expires.
type renewable interface {
	// Renew has it live as long again as at first.
	Renew(ctx context.Context) error
}

// service keeps the locks of one row at a time.
type service interface {
	// begin forgets the row before, and what is left of it: the locks to come, of so many cells, have names of their own.
	begin(ctx context.Context, t terms, cells int) error
	// share is where other processes find the row that was begun last.
	share() attachment
	// join has the locks of a row that another process has begun, and forgets.
	join(t terms, space string) error
	// locker is a client's way to the locks, at an application server.
	locker(server int) Locker
	// mortals are the servers that keep the locks, and that may be killed; why says that there are some which may not.
	mortals() (all []store.Mortal, why string)
	Close() error
}

// backed is a service that has servers of its own.
type backed interface {
	// backend is what they say of themselves; nil: there are none.
	backend() *store.BackendInfo
}

// ErrBusy is what an error of Locker.Lock matches where the lock was not to be had in time.
var ErrBusy = errors.New("the lock was not to be had in time")

// errLost ends an attempt whose lock is gone before its commit.
var errLost = errors.New("the lock was lost before the commit")
