package store

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Replicated is an optional capability of a Server: a replica can be made of it, which answers reads.
type Replicated interface {
	// NoReplica says why none can be made of it; empty: one can.
	NoReplica() string
	// Replica starts one, which the caller must Close. It shows each commit after delay at the earliest, and so many clients read from
	// it at once. *MissingError: a program that it takes is not to be had here.
	Replica(ctx context.Context, delay time.Duration, clients int) (Replica, error)
}

// Replica is a copy of a Server that follows it. Several goroutines may use it at once.
type Replica interface {
	// Ready makes it ready for a row that has been set up, and waits until it has the row's tables. start is the row's.
	Ready(ctx context.Context, start *harness.State) error
	// Read reads a cell. age is how long ago the last commit was that the replica shows.
	Read(ctx context.Context, c harness.Cell) (value, version int64, age time.Duration, err error)
	// CatchUp waits until it shows whatever was committed before.
	CatchUp(ctx context.Context) error
	// Close ends its connections and the replica itself.
	Close() error
}
