package store

import "time"

// Leftover is a schema or a database on a user's server that has the name of a run's.
type Leftover struct {
	Name    string
	Version string // of the lastseat that made it
	Host    string // where it ran
	PID     int64
	Started time.Time
	State   LeftoverState
	Dropped bool
	Err     error // why it could not be looked at, or dropped
}

// LeftoverState is what is known of the run that a schema belongs to.
type LeftoverState string

const (
	// Alive: its run still goes on, or went on less than an hour ago where only that can be known.
	Alive LeftoverState = "alive"
	// DeadRun: its run has ended without dropping it.
	DeadRun LeftoverState = "dead"
	// NotOurs: it merely has such a name, and lacks the marker that lastseat makes.
	NotOurs LeftoverState = "not lastseat's"
)
