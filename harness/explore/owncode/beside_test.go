package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// theatre is code over one ticket. No two may be told that they hold it, and it must be held if anybody was told so; what else a client
// was told has to be among allowed.
func theatre(allowed []error, clients ...function) owncode.Code[*sql.DB] {
	return owncode.Code[*sql.DB]{
		Setup: owncode.SQL("CREATE TABLE ticket (seat INT PRIMARY KEY, holders INT)", "CREATE TABLE request (token VARCHAR(20) PRIMARY KEY, state INT)"),
		Reset: owncode.SQL("DELETE FROM ticket", "DELETE FROM request", "INSERT INTO ticket VALUES (7, 0)", "INSERT INTO request VALUES ('paid', 0)"),
		Check: func(ctx context.Context, db *sql.DB, told []error) error {
			for _, err := range told {
				if err != nil && !matches(err, allowed) {
					return err
				}
			}
			var holders int
			if err := db.QueryRowContext(ctx, "SELECT holders FROM ticket WHERE seat = 7").Scan(&holders); err != nil || holders <= 1 {
				return err
			}
			return fmt.Errorf("%d hold one ticket", holders)
		},
		Clients: clients, Limit: 3 * time.Second,
	}
}

func matches(err error, any []error) bool {
	for _, a := range any {
		if errors.Is(err, a) {
			return true
		}
	}
	return false
}

var errTaken = errors.New("taken")

// queryer is a database or a transaction.
type queryer interface {
	ExecContext(ctx context.Context, sql string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, sql string, args ...any) *sql.Row
}

// hold looks whether the ticket is free, and takes it.
func hold(ctx context.Context, db queryer) error {
	var holders int
	if err := db.QueryRowContext(ctx, "SELECT holders FROM ticket WHERE seat = 7").Scan(&holders); err != nil {
		return err
	}
	if holders > 0 {
		return errTaken
	}
	_, err := db.ExecContext(ctx, "UPDATE ticket SET holders = holders + 1 WHERE seat = 7")
	return err
}

// guarded takes the ticket in one statement, if it is free.
func guarded(ctx context.Context, db queryer) error {
	r, err := db.ExecContext(ctx, "UPDATE ticket SET holders = holders + 1 WHERE seat = 7 AND holders = 0")
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errTaken, err)
	}
	return nil
}

// TestRefusedAtOnce: what clients have in common beside the database, and what hangs anywhere, ends the exploration within seconds, with
// what it is and where.
func TestRefusedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		clients func() []function
		match   error
		says    string
	}{
		"a mutex around everything": {func() []function {
			var mu sync.Mutex
			locked := func(ctx context.Context, db *sql.DB) error {
				mu.Lock()
				defer mu.Unlock()
				return hold(ctx, db)
			}
			return []function{locked, locked}
		}, owncode.ErrLocked, "sync.Mutex.Lock at beside_test.go:"},
		"a mutex around the write": {func() []function {
			var mu sync.RWMutex
			locked := func(ctx context.Context, db *sql.DB) error {
				if _, err := db.ExecContext(ctx, "INSERT INTO request VALUES (?, 0)", rand.Int64()); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				return hold(ctx, db)
			}
			return []function{locked, locked}
		}, owncode.ErrLocked, "Lock at beside_test.go:"},
		"who comes first does it for both": {func() []function {
			var once sync.Once
			var err error
			first := func(ctx context.Context, db *sql.DB) error {
				once.Do(func() { err = hold(ctx, db) })
				return err
			}
			return []function{first, first}
		}, owncode.ErrLocked, "beside_test.go:"},
		"a channel between clients": {func() []function {
			free := make(chan bool)
			return []function{
				func(ctx context.Context, db *sql.DB) error { defer close(free); return hold(ctx, db) },
				func(ctx context.Context, db *sql.DB) error { <-free; return hold(ctx, db) },
			}
		}, owncode.ErrSilent, "chan receive at beside_test.go:"},
		"a pool of one, asked twice": {func() []function {
			twice := func(ctx context.Context, db *sql.DB) error {
				db.SetMaxOpenConns(1)
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					return err
				}
				defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
				if err := hold(ctx, tx); err != nil {
					return err
				}
				return hold(ctx, db) // should have been tx's
			}
			return []function{twice, twice}
		}, owncode.ErrPool, "SetMaxOpenConns"},
		"a statement of both": {func() []function {
			var once sync.Once
			var take *sql.Stmt
			shared := func(ctx context.Context, db *sql.DB) (err error) {
				once.Do(func() { take, err = db.Prepare("UPDATE ticket SET holders = holders + ? WHERE seat = 7") }) //nolint:sqlclosecheck // it is kept
				if err == nil {
					_, err = take.ExecContext(ctx, 1)
				}
				return err
			}
			return []function{shared, shared}
		}, owncode.ErrMixed, "client 2 ran a statement on what it works on"},
		"statements in several goroutines": {func() []function {
			group := func(ctx context.Context, db *sql.DB) error {
				var both sync.WaitGroup
				for range 2 {
					both.Go(func() {
						var n int
						_ = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM request").Scan(&n)
					})
				}
				both.Wait()
				return hold(ctx, db)
			}
			return []function{group, group}
		}, owncode.ErrConcurrent, "several goroutines"},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			r, err := owncode.Explore(t.Context(), owncode.Open(t, sqlite.Engine()), theatre([]error{errTaken}, c.clients()...))
			if !errors.Is(err, c.match) || !strings.Contains(err.Error(), c.says) || r.Breaking > 0 {
				t.Errorf("%v, want %v with %q; %v", err, c.match, c.says, r)
			}
			t.Logf("%v", time.Since(begun))
		})
	}
}

// TestBesideSQL: what apps do beside plain statements is explored, and judged rightly.
func TestBesideSQL(t *testing.T) {
	server := owncode.Open(t, postgres.Engine())
	for name, c := range map[string]struct {
		clients []function
		allowed []error
		breaks  bool
		polls   bool
	}{
		"the other polls until the first is done": {clients: []function{once(10), once(10)}, polls: true},
		"the other polls in transactions":         {clients: []function{pays, awaits(10)}, polls: true},
		"a lock is tried until it is free":        {clients: []function{trying(10), trying(10)}, allowed: []error{errTaken}, polls: true},
		"what is polled for never comes":          {clients: []function{once(10), forgetful}, breaks: true},
		"clock and chance in arguments":           {clients: []function{stamped, stamped}, allowed: []error{errTaken}, breaks: true},
		"a pool of one and a deadline":            {clients: []function{impatient, impatient}, allowed: []error{context.DeadlineExceeded, errTaken}},
		"prepared at the first use":               {clients: []function{prepares(false), prepares(false)}, allowed: []error{errTaken}, breaks: true},
		"prepared, and guarded":                   {clients: []function{prepares(true), prepares(true)}, allowed: []error{errTaken}},
	} {
		t.Run(name, func(t *testing.T) {
			code := theatre(c.allowed, c.clients...)
			code.Open = owncode.Driver(stdlib.GetDefaultDriver())
			r, err := owncode.Explore(t.Context(), server, code)
			if err != nil {
				t.Fatal(err)
			}
			if (r.Breaking > 0) != c.breaks || r.Polled != c.polls || !r.Exhaustive {
				t.Errorf("breaks: want %v; polled %v, want %v: %v", c.breaks, r.Polled, c.polls, r)
			}
			if says := r.String(); strings.Contains(says, owncode.NotStarved) != c.polls || strings.Contains(says, "there are no others") {
				t.Errorf("%q must say what was not tried", says)
			}
			t.Logf("%d schedules in %v", r.Schedules, r.Elapsed)
		})
	}
}

// once does the work if nobody else does, and otherwise waits until it is done: asks at most so often.
func once(asks int) function {
	return func(ctx context.Context, db *sql.DB) error {
		r, err := db.ExecContext(ctx, "INSERT INTO request VALUES ('hold', 0) ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 1 {
			if err := hold(ctx, db); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, "UPDATE request SET state = 1 WHERE token = 'hold'")
			return err
		}
		for range asks {
			var state int
			if err := db.QueryRowContext(ctx, "SELECT state FROM request WHERE token = 'hold'").Scan(&state); err != nil || state == 1 {
				return err
			}
			time.Sleep(time.Millisecond)
		}
		return errors.New("no answer")
	}
}

// forgetful takes the token and never says that it is done.
func forgetful(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "INSERT INTO request VALUES ('hold', 0) ON CONFLICT DO NOTHING")
	return err
}

// pays takes the ticket, and says that it is paid, in one transaction.
func pays(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
	if err := hold(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE request SET state = 1 WHERE token = 'paid'"); err != nil {
		return err
	}
	return tx.Commit()
}

// awaits asks whether it is paid, in a transaction each time.
func awaits(asks int) function {
	return func(ctx context.Context, db *sql.DB) error {
		for range asks {
			paid, err := isPaid(ctx, db)
			if err != nil || paid {
				return err
			}
			time.Sleep(time.Millisecond)
		}
		return errors.New("no answer")
	}
}

func isPaid(ctx context.Context, db *sql.DB) (paid bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
	var state int
	if err := tx.QueryRowContext(ctx, "SELECT state FROM request WHERE token = 'paid' FOR SHARE").Scan(&state); err != nil {
		return false, err
	}
	return state == 1, tx.Commit()
}

// trying holds a lock of the session's that it asks for until it is free.
func trying(asks int) function {
	return func(ctx context.Context, db *sql.DB) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		for range asks {
			var locked bool
			if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(77)").Scan(&locked); err != nil {
				return err
			}
			if locked {
				err := hold(ctx, conn)
				_, unlocked := conn.ExecContext(ctx, "SELECT pg_advisory_unlock(77)")
				return errors.Join(err, unlocked)
			}
			time.Sleep(time.Millisecond)
		}
		return errors.New("no answer")
	}
}

// stamped writes down when, and under a number that was drawn.
func stamped(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "INSERT INTO request VALUES ($1, $2)", fmt.Sprint(rand.Uint32()), time.Now().Nanosecond()); err != nil {
		return err
	}
	return hold(ctx, db)
}

// impatient asks its pool of one for a second connection, and gives up after a moment.
func impatient(ctx context.Context, db *sql.DB) error {
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
	if err := guarded(ctx, tx); err != nil {
		return err
	}
	brief, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if err := guarded(brief, db); err != nil {
		return err
	}
	return tx.Commit()
}

// prepares has statements of its own, made when they are first needed and kept.
func prepares(guard bool) function {
	var ready sync.Once
	var look, take *sql.Stmt
	return func(ctx context.Context, db *sql.DB) (err error) {
		ready.Do(func() {
			where := ""
			if guard {
				where = " AND holders = 0"
			}
			if look, err = db.Prepare("SELECT holders FROM ticket WHERE seat = $1"); err == nil { //nolint:sqlclosecheck // it is kept
				take, err = db.Prepare("UPDATE ticket SET holders = holders + 1 WHERE seat = $1" + where) //nolint:sqlclosecheck // so is this
			}
		})
		if err != nil {
			return err
		}
		var holders int
		if err := look.QueryRowContext(ctx, 7).Scan(&holders); err != nil {
			return err
		}
		if holders > 0 {
			return errTaken
		}
		r, err := take.ExecContext(ctx, 7)
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n == 0 {
			return errTaken
		}
		return nil
	}
}
