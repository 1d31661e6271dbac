package program

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/serial"
)

// Lane is a store with copies of the program that work on it, one a client.
type Lane interface {
	explore.Player
	// Cast says which operation each client carries out from now on.
	Cast(operations []string)
	// SetTraits says what the level decides about the order of steps.
	SetTraits(traits explore.Traits)
	// Restore makes the store as the schedules find it.
	Restore(ctx context.Context) error
	// Jump has sequences of generated keys go on from far ahead.
	Jump(ctx context.Context) error
	// Serial restores the store, and has clients carry out their operations one after the other.
	Serial(ctx context.Context, order []int) (*serial.Outcome, error)
	// Outcome is what came of the schedule that was played last.
	Outcome(ctx context.Context) (*serial.Outcome, error)
	// Broken are the user's rules that the store breaks now, each with what was found.
	Broken(ctx context.Context) ([]string, error)
	// Facts are what was noticed since they were asked for last.
	Facts() Facts
	// Steps are what was done in the schedule that was played last.
	Steps() []Step
}

// Facts are what a lane noticed.
type Facts struct {
	Statements int           // that came
	Parked     int           // waits inside the program
	Bound      time.Duration // the longest that it did nothing before that was taken for a wait
	SkipLocked bool          // somebody asked not to wait for locks
	Level      harness.Level // that the program asked for; empty: it did not
	Guess      string        // why it is not known whose a statement was; empty: it is
	Late       []string      // statements that came when no request was under way
	Inside     int           // times that a statement stopped between what it reads and what it writes
	Whole      []string      // of which statements the inside was not tried
	Left       []string      // what was open after the answers, and had to be ended
}

// Step is a statement in a schedule.
type Step struct {
	Client int      `json:"client"`
	Begins string   `json:"begins,omitempty"` // what came before it and was not held
	SQL    string   `json:"sql"`
	Params []string `json:"params,omitempty"`
	Part   Part     `json:"part,omitempty"`
	Answer string   `json:"answer,omitempty"`
	Error  bool     `json:"error,omitempty"`
	// WaitsUntil is the step, counted from 1, at whose end it went on; 0: it did not wait.
	WaitsUntil int `json:"waits_until,omitempty"`

	Reads, Writes uint64 `json:"-"` // tables, by bits
	Locks         bool   `json:"-"`
	Commits       bool   `json:"-"`
	Acknowledges  bool   `json:"-"` // its answer says that something written is committed
}

// Part is what of a statement a Step is. Where its inside is a choice like any other, a statement is two steps.
type Part string

const (
	Whole   Part = ""
	Reading Part = "inside" // it has read, and not written
	Rest    Part = "rest"   // what is left of it
)
