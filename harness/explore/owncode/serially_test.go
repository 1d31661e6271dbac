package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

var errSoldOut = errors.New("sold out")

// desk sells seats of a hall, of which there is one left; each sale has a number that the server gives, and a line that refers to it.
func desk(engine string, clients ...function) owncode.Code[*sql.DB] {
	number := map[string]string{"postgres": "SERIAL PRIMARY KEY", "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT"}[engine]
	if number == "" {
		number = "INT AUTO_INCREMENT PRIMARY KEY"
	}
	return owncode.Code[*sql.DB]{
		Setup: owncode.SQL("CREATE TABLE hall (id INT PRIMARY KEY, free INT)", "CREATE TABLE sale (id "+number+", buyer VARCHAR(9))",
			"CREATE TABLE line (sale INT, seat INT)", "CREATE TABLE report (sold INT)"),
		Reset:   owncode.SQL("DELETE FROM hall", "DELETE FROM sale", "DELETE FROM line", "DELETE FROM report", "INSERT INTO hall VALUES (1, 1)"),
		Clients: clients,
	}
}

// sell sells the last seat to a buyer, and answers the number of the sale. look reads what is free.
func sell(buyer, look string) function {
	return owncode.Returning(func(ctx context.Context, db *sql.DB) (number int64, err error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		var free int
		if err := tx.QueryRowContext(ctx, look).Scan(&free); err != nil {
			return 0, err
		}
		if free < 1 {
			return 0, errSoldOut
		}
		if _, err := tx.ExecContext(ctx, "UPDATE hall SET free = free - 1 WHERE id = 1"); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO sale (buyer) VALUES ('"+buyer+"')"); err != nil {
			return 0, err
		}
		if err := tx.QueryRowContext(ctx, "SELECT MAX(id) FROM sale WHERE buyer = '"+buyer+"'").Scan(&number); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO line VALUES (%d, 1)", number)); err != nil {
			return 0, err
		}
		return number, tx.Commit()
	})
}

const (
	plainLook  = "SELECT free FROM hall WHERE id = 1"
	lockedLook = "SELECT free FROM hall WHERE id = 1 FOR UPDATE"
)

func engines() []store.Engine {
	return []store.Engine{postgres.Engine(), mysql.MariaDB(), mysql.MySQL()}
}

// TestWithoutCheck: code that oversells is accused without anybody having said what is right, and the same with a lock is not.
func TestWithoutCheck(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			server := owncode.Open(t, e)
			levels := []harness.Level{harness.ReadCommitted, harness.RepeatableRead, harness.Serializable}
			if e.Name == "mysql" {
				levels = levels[:1]
			}
			for _, level := range levels {
				code := desk(e.Name, sell("ann", lockedLook), sell("bob", lockedLook))
				code.Isolation = level
				r, err := owncode.Explore(t.Context(), server, code)
				if err != nil || r.Breaking > 0 || r.Verdict != harness.Safe || !r.Exhaustive {
					t.Errorf("%s, mended: %v\n%v", level, err, r)
				}
			}
			code := desk(e.Name, sell("ann", plainLook), sell("bob", plainLook))
			code.Isolation = harness.ReadCommitted
			r, err := owncode.Explore(t.Context(), server, code)
			if err != nil || r.Verdict != harness.Unsafe || r.Shortest == nil {
				t.Fatalf("racy: %v\n%v", err, r)
			}
			for _, want := range []string{"as no serial order gives", "After it: client 1 returns", "After client 1, then client 2: ", "hall: 1, -1", "returns the error sold out", "lost update (P4)", "runs it alone"} {
				if !strings.Contains(r.String(), want) {
					t.Errorf("it lacks %q:\n%v", want, r)
				}
			}
			t.Logf("%d schedules in %v\n%v", r.Schedules, r.Elapsed, r)
			code.Schedule = r.Shortest.Schedule
			again, err := owncode.Explore(t.Context(), server, code)
			if err != nil || again.Breaking != 1 || again.Shortest.Kind != "violation" || !slices.Equal(again.Shortest.Schedule, r.Shortest.Schedule) {
				t.Errorf("the schedule alone: %v\n%v", err, again)
			}
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		server := owncode.Open(t, sqlite.Engine())
		r, err := owncode.Explore(t.Context(), server, desk("sqlite", sell("ann", plainLook), sell("bob", plainLook)))
		if err != nil || r.Breaking > 0 || r.Errors == 0 || !strings.Contains(r.String(), "an error that no serial order gives") {
			t.Errorf("two transactions of which one must be refused: %v\n%v", err, r)
		}
		apart := func(buyer string) function { // no transaction around it
			return func(ctx context.Context, db *sql.DB) error {
				var free int
				if err := db.QueryRowContext(ctx, plainLook).Scan(&free); err != nil || free < 1 {
					return errors.Join(err, errSoldOut)
				}
				if _, err := db.ExecContext(ctx, "INSERT INTO sale (buyer) VALUES (?)", buyer); err != nil {
					return err
				}
				_, err := db.ExecContext(ctx, "UPDATE hall SET free = free - 1")
				return err
			}
		}
		r, err = owncode.Explore(t.Context(), server, desk("sqlite", apart("ann"), apart("bob")))
		if err != nil || r.Verdict != harness.Unsafe {
			t.Errorf("%v\n%v", err, r)
		}
	})
}

// TestValuesCount: what clients return is judged, though the tables hold what some serial order leaves.
func TestValuesCount(t *testing.T) {
	t.Parallel()
	server := owncode.Open(t, postgres.Engine())
	next := func(returning bool) function {
		return owncode.Returning(func(ctx context.Context, db *sql.DB) (left int, err error) {
			if returning {
				return left, db.QueryRowContext(ctx, "UPDATE hall SET free = free - 1 WHERE id = 1 RETURNING free").Scan(&left)
			}
			if _, err = db.ExecContext(ctx, "UPDATE hall SET free = free - 1 WHERE id = 1"); err == nil {
				err = db.QueryRowContext(ctx, plainLook).Scan(&left)
			}
			return left, err
		})
	}
	if r, err := owncode.Explore(t.Context(), server, desk("postgres", next(true), next(true))); err != nil || r.Verdict != harness.Safe {
		t.Errorf("%v\n%v", err, r)
	}
	r, err := owncode.Explore(t.Context(), server, desk("postgres", next(false), next(false)))
	if err != nil || r.Verdict != harness.Unsafe || !strings.Contains(r.String(), "client 1 returns -1; client 2 returns -1") {
		t.Errorf("%v\n%v", err, r)
	}
}

// TestClasses: what is not called unsafe is counted and shown.
func TestClasses(t *testing.T) {
	t.Parallel()
	server := owncode.Open(t, postgres.Engine())
	begin := func(level sql.IsolationLevel, what func(context.Context, *sql.Tx) error) function {
		return func(ctx context.Context, db *sql.DB) error {
			tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
			if err != nil {
				return err
			}
			defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
			return errors.Join(what(ctx, tx), tx.Commit())
		}
	}
	take := func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE hall SET free = free - 1 WHERE id = 1")
		return err
	}
	refused := func(ctx context.Context, db *sql.DB) error { // a lock that is not to be had is answered as a refusal
		if _, err := db.ExecContext(ctx, "DO $$ BEGIN PERFORM 1 FROM hall WHERE id = 1 FOR UPDATE NOWAIT; UPDATE hall SET free = free - 1; END $$"); err != nil {
			return errSoldOut
		}
		return nil
	}
	twice := owncode.Returning(func(ctx context.Context, db *sql.DB) (all []int, err error) {
		for range 2 {
			var free int
			if err := db.QueryRowContext(ctx, plainLook).Scan(&free); err != nil {
				return nil, err
			}
			all = append(all, free)
		}
		return all, nil
	})
	for name, c := range map[string]struct {
		clients []function
		count   func(*owncode.Report) int
		says    string
	}{
		"error":      {[]function{begin(sql.LevelRepeatableRead, take), begin(sql.LevelRepeatableRead, take)}, func(r *owncode.Report) int { return r.Errors }, "an error that no serial order gives"},
		"lost sale":  {[]function{refused, begin(sql.LevelDefault, take)}, func(r *owncode.Report) int { return r.LostSales }, "lost sale"},
		"stale read": {[]function{twice, begin(sql.LevelDefault, take)}, func(r *owncode.Report) int { return r.StaleReads }, "stale read"},
	} {
		t.Run(name, func(t *testing.T) {
			code := desk("postgres", c.clients...)
			r, err := owncode.Explore(t.Context(), server, code)
			if err != nil || r.Breaking > 0 || c.count(&r) == 0 || len(r.Others) != 1 || r.Others[0].Kind != name || !strings.Contains(r.String(), c.says) {
				t.Errorf("%v\n%v", err, r)
			}
			code.LostSales, code.StaleReads = true, true
			if r, err = owncode.Explore(t.Context(), server, code); err != nil || (r.Breaking > 0) != (name != "error") {
				t.Errorf("asked for: %v\n%v", err, r)
			}
		})
	}
}

// TestCannotBeJudged: code that serial orders say nothing of is not called safe.
func TestCannotBeJudged(t *testing.T) {
	t.Parallel()
	server := owncode.Open(t, sqlite.Engine())
	take := func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "UPDATE hall SET free = free - 1")
		return err
	}
	n := 0
	counting := func(ctx context.Context, db *sql.DB) error {
		n++
		_, err := db.ExecContext(ctx, "UPDATE hall SET free = ?", n)
		return err
	}
	r, err := owncode.Explore(t.Context(), server, desk("sqlite", counting, take))
	if err != nil || r.Verdict != harness.Inconclusive || !strings.Contains(r.String(), "not deterministic: hall.free holds") {
		t.Errorf("%v\n%v", err, r)
	}
	look := func(ctx context.Context, db *sql.DB) error {
		var free int
		return db.QueryRowContext(ctx, plainLook).Scan(&free)
	}
	wrong := func(ctx context.Context, db *sql.DB) error { return owncode.SQL("UPDATE halls SET free = 0")(ctx, db) }
	nothing := func(context.Context, *sql.DB) error { return nil }
	odd := owncode.Returning(func(ctx context.Context, db *sql.DB) (chan int, error) { return make(chan int), take(ctx, db) })
	for name, c := range map[string]struct {
		clients []function
		says    string
	}{
		"nobody writes":       {[]function{look, look}, "no client changes anything when it runs alone"},
		"one always fails":    {[]function{take, wrong}, "client 2 fails alone, after Code.Reset: it returns the error UPDATE halls"},
		"nobody asks":         {[]function{nothing, nothing}, "no client runs a statement"},
		"too many":            {slices.Repeat([]function{take}, 6), "too many serial orders"},
		"JSON cannot hold it": {[]function{odd, take}, "JSON cannot hold it"},
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := owncode.Explore(t.Context(), server, desk("sqlite", c.clients...)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q\n%v", err, c.says, r)
			}
		})
	}
}
