package store

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// Attachable is an optional capability of a Server whose clients can be in several processes: one opens it and makes and drops what rows
// need, others open it with OpenConfig.Attach.
type Attachable interface {
	// Attachment is what OpenConfig.DSN and OpenConfig.Attach are for the others. The DSN can hold a password.
	Attachment() (dsn, run string)
	// Sessions are the server's numbers of the sessions that this process has. No client may be at work.
	Sessions() []int64
	// EndSessions ends all sessions of the run but this process's own and these.
	EndSessions(ctx context.Context, but []int64) error
}

// Attaching is an optional capability of a Target whose Setup another process has called.
type Attaching interface {
	// Attach is Setup for sessions alone: start is what the other process's Setup was given.
	Attach(ctx context.Context, start harness.State) error
}

// Shareable is an optional capability of an Instance around rows whose clients are in several processes: who joins a row has to know something.
type Shareable interface {
	// Share is ComponentOptions.Attach for the row whose Setup was called last. It can hold passwords.
	Share() (string, error)
}
