package store

import "context"

// Redundant is an optional capability of a Server: it can have a standby that takes over.
type Redundant interface {
	// NoStandby says why it can have none; empty: it can.
	NoStandby() string
	// Standby makes one, and waits until it follows. synchronous: from then on a commit is acknowledged once the standby has it. The
	// caller must Close it. *MissingError: a program that it takes is not to be had here.
	Standby(ctx context.Context, synchronous bool) (Standby, error)
}

// Standby is a server that follows another until it takes over from it.
type Standby interface {
	// CatchUp waits until the standby has all that the server has made durable by now.
	CatchUp(ctx context.Context) error
	// Cut ends replication for good, as a network does that fails between the two: the server goes on without its standby, if it may.
	Cut(ctx context.Context) error
	// TakeOver kills the server (kill -9), and makes the standby it: who connects from here on comes there.
	TakeOver(ctx context.Context) error
	// Close stops the standby, unless it has taken over, and no commit waits for it any more.
	Close(ctx context.Context) error
}
