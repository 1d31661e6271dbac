package owncode

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/store"
)

// Code is code of one's own, and what is needed to judge it. DB is what the code works on: *sql.DB, *pgxpool.Pool.
type Code[DB any] struct {
	// Setup makes the tables, once. Names without a schema are in one of the run's own, which is emptied when the exploration ends
	// and dropped when the server is closed. Reset makes them hold what every schedule starts with. Both run alone; SQL is the short way to write them.
	Setup, Reset func(ctx context.Context, db DB) error
	// Clients run at the same time, each on connections of its own. An error is no failure: Check is told of it.
	Clients []func(ctx context.Context, db DB) error
	// Names are what reports and errors call the clients; nil: client 1, client 2 …
	Names []string
	// Check says, after each schedule, what is wrong with what is in the tables: nil, nothing. told holds what the clients
	// returned. Where Check is nil itself, nobody has to say what is right: what the clients return (Returning: values, too) and what the
	// tables hold must be as the same clients have it one after the other, in some order.
	Check func(ctx context.Context, db DB, told []error) error

	// Open opens what a client works on. Nil: the *sql.DB of the server's own driver.
	Open Opener[DB]
	// Isolation is the level of transactions that ask for none; empty: the server's default.
	Isolation harness.Level
	// Budget is the most schedules to run; 0: DefaultBudget. Where there are more, the last quarter of it is drawn at random with
	// Seed.
	Budget int
	Seed   uint64
	// Time is how long to explore; 0: until all is explored, or the Budget is spent. Test ends before the test's own deadline, too.
	Time time.Duration
	// LockTimeouts lets each statement that is seen to wait for another client's lock run into its time-out once, while all others stand
	// still: code that goes on after such an error can leave half of what it does. On a server it takes a second each.
	LockTimeouts bool
	// Stop ends with the first schedule that breaks. Full runs schedules that differ only in statements that commute, too.
	Stop, Full bool
	// Where Check is nil: Ignore names tables, and columns as table.column, that may differ. A client that is refused though no serial
	// order refuses it, and one that writes nothing and reads what no serial order gives, are counted and shown; with LostSales and
	// StaleReads they break the schedule.
	Ignore                []string
	LostSales, StaleReads bool
	// Schedule, if set, is the only one to be run: clients, counted from 1, as the Report of a failure has them; -2 has the statement of
	// client 2 run into its lock time-out.
	Schedule []int
	// Limit is the longest that a client may go without a statement, and that a statement may take; 0: 10 s.
	Limit time.Duration
	// Progress is told how far it is; nil: nobody is.
	Progress progress.Func
}

// DefaultBudget is Code.Budget where it is 0.
const DefaultBudget = 5000

const defaultLimit = 10 * time.Second

// maxClients is how many clients there may be: the number of their schedules grows with the factorial of it.
const maxClients = 8

// Opener opens what a client's function works on, and announces to client every statement before it is sent. Where client is nil
// nothing is announced: that is for Setup, Reset and Check.
type Opener[DB any] func(ctx context.Context, info store.ConnInfo, client *Client) (Opened[DB], error)

// Opened is what a function works on.
type Opened[DB any] struct {
	DB DB
	// InUse is how many connections the function has not given back, and Most how many it may have; 0: any number. Most may be nil.
	InUse, Most func() int
	// Close closes all connections, those in use too.
	Close func() error
}

// SQL runs statements one after the other, for Code.Setup and Code.Reset.
func SQL(statements ...string) func(context.Context, *sql.DB) error {
	return func(ctx context.Context, db *sql.DB) error {
		for _, s := range statements {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	}
}

// ErrCode is what the error for a Code that cannot be run matches.
var ErrCode = errors.New("owncode")

// check says what is missing, and fills in the defaults.
func (c *Code[DB]) check() error {
	if c.Open == nil {
		c.Open, _ = any(Opener[*sql.DB](openOwn)).(Opener[DB])
	}
	switch {
	case c.Open == nil:
		return fmt.Errorf("%w: Code.Open is nil: say how to open %T, as pgxcode.Pool does", ErrCode, *new(DB))
	case c.Reset == nil:
		return fmt.Errorf("%w: Code.Reset is nil: it makes the tables hold what every schedule starts with", ErrCode)
	case c.Check == nil && len(c.Clients) > maxSerial:
		return fmt.Errorf("%w: Code.Check is nil, and %d clients have too many serial orders: %d are the most", ErrCode, len(c.Clients), maxSerial)
	case c.Check != nil && (c.Ignore != nil || c.LostSales || c.StaleReads):
		return fmt.Errorf("%w: Code.Ignore, LostSales and StaleReads are for code without a Check", ErrCode)
	case len(c.Clients) < 2 || len(c.Clients) > maxClients:
		return fmt.Errorf("%w: %d Code.Clients, want 2 to %d", ErrCode, len(c.Clients), maxClients)
	case c.Names != nil && len(c.Names) != len(c.Clients):
		return fmt.Errorf("%w: %d Code.Names for %d Code.Clients: name all of them, or none", ErrCode, len(c.Names), len(c.Clients))
	case c.Budget < 0 || c.Limit < 0 || c.Time < 0:
		return fmt.Errorf("%w: Code.Budget %d, Code.Limit %v and Code.Time %v must not be negative", ErrCode, c.Budget, c.Limit, c.Time)
	}
	for _, i := range c.Schedule {
		if i = max(i, -i); i < 1 || i > len(c.Clients) {
			return fmt.Errorf("%w: Code.Schedule names client %d, and there are %d", ErrCode, i, len(c.Clients))
		}
	}
	if c.Names == nil {
		for i := range c.Clients {
			c.Names = append(c.Names, "client "+strconv.Itoa(i+1))
		}
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	return nil
}
