package store

import (
	"context"
	"time"
)

// SessionLocks is an optional capability of a Server: sessions beside those of its rows take locks by number.
type SessionLocks interface {
	// NoSessionLocks says why there are none; empty: there are.
	NoSessionLocks() string
	// LockSession opens a session. It waits for a lock no longer than wait.
	LockSession(ctx context.Context, wait time.Duration) (LockSession, error)
}

// LockSession takes locks, which are its own until it gives them back or ends. One goroutine at a time uses it.
type LockSession interface {
	// Lock takes a lock, whose name is two numbers; false: the wait was in vain. After an error nobody knows whether it has the lock.
	Lock(ctx context.Context, space, number int32) (bool, error)
	Unlock(ctx context.Context, space, number int32) error
	// Alive asks the server whether the session is still there, and with it its locks.
	Alive(ctx context.Context) bool
	// Close ends the session, and gives all of its locks back.
	Close() error
}

// Settling is an optional capability of a Server: it knows which transactions are under way.
type Settling interface {
	// Settle returns once every transaction that was under way has ended, whatever it came to. errors.ErrUnsupported: it does not know.
	Settle(ctx context.Context) error
}
