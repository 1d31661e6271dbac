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
	// Replica starts one, or joins one, which the caller must Close. *MissingError: a program that it takes is not to be had here.
	Replica(ctx context.Context, opt ReplicaOptions) (Replica, error)
}

// ReplicaOptions says what a Replica is to be.
type ReplicaOptions struct {
	Delay   time.Duration // each commit is shown after this time, at the earliest
	Clients int           // so many read from it at once
	// Join is what the Replica of another process, a Shareable, told: this one is the same. Empty: it is started.
	Join string
}

// Clustered is an optional capability of a Server: where it is several servers that hold one state, a client's reads can be answered by
// another of them than the one that it works on.
type Clustered interface {
	// NoOtherNode says why a client knows of no other server; empty: it does.
	NoOtherNode() string
	// OtherNode is each client's other server, which the caller must Close.
	OtherNode() Replica
}

// Replica is a copy of a Server that follows it. Several goroutines may use it at once.
type Replica interface {
	// Ready makes it ready for a row that has been set up, and waits until it has the row's tables. start is the row's.
	Ready(ctx context.Context, start *harness.State) error
	// Read reads a cell for a client. fresh: whatever was committed before is waited for, and shown. age is how long ago the last commit
	// was that the replica shows; 0: it does not know.
	Read(ctx context.Context, client int, c harness.Cell, fresh bool) (value, version int64, age time.Duration, err error)
	// Close ends its connections and the replica itself.
	Close() error
}
