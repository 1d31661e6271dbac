package owncode_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// inTx runs statements in a transaction. An answer of rows is told at its end.
func inTx(opts *sql.TxOptions, statements ...string) function {
	return func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, opts)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		read, err := each(ctx, tx, statements)
		if err == nil {
			err = tx.Commit()
		}
		if err != nil {
			return err
		}
		return read
	}
}

// apart runs each statement by itself.
func apart(statements ...string) function {
	return func(ctx context.Context, db *sql.DB) error {
		read, err := each(ctx, db, statements)
		if err != nil {
			return err
		}
		return read
	}
}

// said is what a client tells as its error, so that Check sees it.
type said string

func (s said) Error() string { return string(s) }

func each(ctx context.Context, db queryer, statements []string) (read said, err error) {
	for _, s := range statements {
		if !strings.HasPrefix(s, "SELECT") {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return "", err
			}
			continue
		}
		var n int
		if err := db.QueryRowContext(ctx, s).Scan(&n); err != nil {
			return "", err
		}
		read += said(fmt.Sprint(n, " "))
	}
	return read, nil
}

// TestStatementsCommuteByTable: with fewer schedules, all outcomes that there are with all of them. Which of two that wait for each other
// PostgreSQL ends is decided by time as well, where the machine is busy: outcomes are collected until both sides have the same ones, in
// five runs at most.
func TestStatementsCommuteByTable(t *testing.T) {
	t.Parallel()
	const (
		readA, readB, readC       = "SELECT v FROM a", "SELECT v FROM b", "SELECT v FROM c"
		writeA, writeB, writeC    = "UPDATE a SET v = v + 1", "UPDATE b SET v = v * 3 + 1", "UPDATE c SET v = v + 10"
		row1, row2                = "UPDATE line SET v = v + 1 WHERE id = 1", "UPDATE line SET v = v * 3 + 1 WHERE id = 2"
		read1, lock2, none        = "SELECT v FROM line WHERE id = 1", "SELECT v FROM line WHERE id = 2 FOR UPDATE", "DELETE FROM line WHERE id = 9"
		lines, add3               = "UPDATE line SET v = v + 5", "INSERT INTO line VALUES (3, 0)"
		copyAB                    = "UPDATE b SET v = v + (SELECT v FROM a)"
		lockA                     = "SELECT v FROM a FOR UPDATE"
		parent, child             = "UPDATE parent SET v = v + 1", "INSERT INTO child VALUES (1, 1)"
		committed, snapshot, seri = sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable
	)
	at := func(l sql.IsolationLevel) *sql.TxOptions { return &sql.TxOptions{Isolation: l} }
	for _, engine := range []string{"postgres", "mariadb"} {
		e := postgres.Engine()
		if engine == "mariadb" {
			e = mysql.MariaDB()
		}
		server := owncode.Open(t, e)
		for name, c := range map[string]struct {
			clients []function
			fewer   bool
			level   harness.Level
		}{
			"each its own table":        {[]function{apart(writeA, readA, writeA), apart(writeB, readB)}, true, harness.ReadCommitted},
			"one in common":             {[]function{apart(readA, writeB, writeC), apart(writeA, readC)}, true, harness.ReadCommitted},
			"transactions":              {[]function{inTx(nil, writeA, writeB), inTx(nil, writeB, writeC, writeA)}, true, harness.ReadCommitted},
			"a transaction beside none": {[]function{inTx(nil, writeA, readC, writeB), apart(readB, readA, writeC)}, true, harness.ReadCommitted},
			"one table from another":    {[]function{apart(writeA, copyAB), inTx(nil, readB, writeA)}, true, harness.ReadCommitted},
			"locks":                     {[]function{inTx(nil, lockA, writeB), apart(readB, writeC, writeA)}, true, harness.ReadCommitted},
			"a foreign key":             {[]function{inTx(nil, child, readA), inTx(nil, parent, writeC)}, false, harness.ReadCommitted},
			"one asks for a snapshot":   {[]function{inTx(at(snapshot), readA, readB), apart(writeA, writeB)}, false, harness.ReadCommitted},
			"snapshots":                 {[]function{inTx(nil, readA, writeB), inTx(nil, readB, writeA)}, false, harness.RepeatableRead},
			"snapshots that write":      {[]function{inTx(nil, writeA, writeB), inTx(nil, writeC, readA)}, false, harness.RepeatableRead},
			"serializable":              {[]function{inTx(at(seri), readA, writeB), inTx(at(seri), readB, writeA)}, false, harness.ReadCommitted},
			"rows":                      {[]function{apart(row1, read1, row1), apart(row2, lock2, none)}, true, harness.ReadCommitted},
			"rows in transactions":      {[]function{inTx(nil, row1, read1, row2), inTx(nil, row2, row1)}, true, harness.ReadCommitted},
			"a row that is not there":   {[]function{inTx(nil, none, row1), inTx(nil, row2, add3)}, true, harness.ReadCommitted},
			"rows of snapshots":         {[]function{inTx(nil, row1, read1, none), inTx(nil, row2, none)}, true, harness.RepeatableRead},
			"a row and its table":       {[]function{inTx(nil, row1, read1), inTx(nil, lines, add3)}, false, harness.ReadCommitted},
			"one row":                   {[]function{inTx(nil, row1, read1), apart(row1, read1, row2)}, true, harness.ReadCommitted},
			"a weaker one":              {[]function{inTx(at(committed), readA, readB), inTx(nil, writeA, writeB)}, false, harness.RepeatableRead},
		} {
			t.Run(engine+" "+name, func(t *testing.T) {
				var outcomes map[string]bool
				code := owncode.Code[*sql.DB]{
					Setup: owncode.SQL("CREATE TABLE a (v INT)", "CREATE TABLE b (v INT)", "CREATE TABLE c (v INT)", "CREATE TABLE line (id INT PRIMARY KEY, v INT)",
						"CREATE TABLE parent (id INT PRIMARY KEY, v INT)", "CREATE TABLE child (parent INT, v INT, FOREIGN KEY (parent) REFERENCES parent (id))"),
					Reset: owncode.SQL("DELETE FROM a", "DELETE FROM b", "DELETE FROM c", "DELETE FROM line", "DELETE FROM child", "DELETE FROM parent",
						"INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1)", "INSERT INTO c VALUES (1)", "INSERT INTO parent VALUES (1, 0)", "INSERT INTO line VALUES (1, 1), (2, 1)"),
					Clients: c.clients, Isolation: c.level,
					Check: func(ctx context.Context, db *sql.DB, told []error) error {
						var left [6]int
						err := db.QueryRowContext(ctx, "SELECT (SELECT v FROM a), (SELECT v FROM b), (SELECT v FROM c), (SELECT v FROM parent), (SELECT SUM(v * id) FROM line), (SELECT count(*) FROM line)").
							Scan(&left[0], &left[1], &left[2], &left[3], &left[4], &left[5])
						outcomes[fmt.Sprint(left, told)] = true
						return err
					},
				}
				seen := map[bool]map[string]bool{true: {}, false: {}} // with all schedules, and with fewer
				run := func(full bool) (int, []string) {
					outcomes = seen[full]
					code.Full = full
					r, err := owncode.Explore(t.Context(), server, code)
					if err != nil || !r.Exhaustive {
						t.Fatalf("%v\n%v", err, r)
					}
					return r.Schedules, slices.Sorted(maps.Keys(outcomes))
				}
				all, want := run(true)
				some, got := run(false)
				for again := 0; again < 4 && !slices.Equal(want, got); again++ {
					all, want = run(true)
					some, got = run(false)
				}
				if diff := cmp.Diff(want, got); diff != "" || c.fewer && some*10 >= all*9 {
					t.Errorf("%d of %d schedules, -all +some:\n%s", some, all, diff)
				}
				t.Logf("%d of %d schedules, %d outcomes", some, all, len(got))
			})
		}
	}
}

// TestTime: when the time is over, what was found is told, and nothing is called safe.
func TestTime(t *testing.T) {
	code := numbers(-1, increment, increment, increment, increment)
	code.Time = time.Nanosecond
	r, err := report(t, code)
	if err != nil || r.Schedules > 0 || r.Verdict != harness.Inconclusive || !strings.Contains(r.String(), "inconclusive: none of 0 schedules") {
		t.Errorf("no time at all: %v\n%v", err, r)
	}
	code.Time = 20 * time.Millisecond
	code.Check = func(context.Context, *sql.DB, []error) error { time.Sleep(code.Time); return nil }
	r, err = report(t, code)
	if err != nil || r.Exhaustive || r.Schedules > 1 || !strings.Contains(r.String(), "there are more, and the time was over") {
		t.Errorf("time for one: %v\n%v", err, r)
	}
	code.Check = func(context.Context, *sql.DB, []error) error { time.Sleep(code.Time); return errSoldOut }
	code.Time = time.Second
	if r, err = report(t, code); err != nil || r.Verdict != harness.Unsafe || r.Breaking != r.Schedules {
		t.Errorf("what broke until then: %v\n%v", err, r)
	}
	code.Check = nil
	if r, err = report(t, code); err != nil || r.Exhaustive || !strings.Contains(r.String(), "the time was over") {
		t.Errorf("without a check: %v\n%v", err, r)
	}
}

// hurried is a test whose deadline is near.
type hurried struct {
	testing.TB
	left   time.Duration
	failed string
}

func (h *hurried) Deadline() (time.Time, bool)  { return time.Now().Add(h.left), true }
func (h *hurried) Fatal(args ...any)            { h.failed = fmt.Sprint(args...) }
func (h *hurried) Fatalf(f string, args ...any) { h.failed = fmt.Sprintf(f, args...) }

// TestDeadline: a test ends before its own deadline. If nothing was run until then it fails: nothing is known.
func TestDeadline(t *testing.T) {
	server := owncode.Open(t, sqlite.Engine())
	h := &hurried{TB: t, left: time.Hour}
	if owncode.Test(h, server, numbers(2, add, add)); h.failed != "" {
		t.Error(h.failed)
	}
	h.left = 0
	if owncode.Test(h, server, numbers(2, add, add)); !strings.Contains(h.failed, "inconclusive: none of 0 schedules breaks; there are more, and the time was over") {
		t.Errorf("%q", h.failed)
	}
}
