package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/targets/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type function = func(context.Context, *sql.DB) error

// numbers is code over a table t(id, v) that holds 0 for 1 and 2 at the start; Check wants v of 1 to be want.
func numbers(want int, clients ...function) owncode.Code[*sql.DB] {
	return owncode.Code[*sql.DB]{
		Setup:   owncode.SQL("DROP TABLE IF EXISTS t", "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 0), (2, 0)"),
		Reset:   owncode.SQL("UPDATE t SET v = 0"),
		Clients: clients,
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var v int
			if err := db.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil {
				return err
			}
			if v != want {
				return fmt.Errorf("1 holds %d, want %d", v, want)
			}
			return nil
		},
	}
}

// increment reads and writes, and may lose an update.
func increment(ctx context.Context, db *sql.DB) error {
	var v int
	if err := db.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, "UPDATE t SET v = ? WHERE id = 1", v+1)
	return err
}

// add adds in one statement.
func add(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "UPDATE t SET v = v + 1 WHERE id = 1")
	return err
}

func report(t *testing.T, code owncode.Code[*sql.DB]) (owncode.Report, error) {
	t.Helper()
	r, err := owncode.Explore(t.Context(), owncode.Open(t, sqlite.Engine()), code)
	if text := measuredTime.FindString(r.String()); text != "" {
		t.Errorf("a schedule has turns, and the report has the time %s:\n%s", text, r)
	}
	return r, err
}

// measuredTime is a time as reports write it: 3.9 ms, 12s.
var measuredTime = regexp.MustCompile(`\b\d+(\.\d+)? ?(ns|µs|ms|s|min|seconds?)\b`)

func TestLostUpdateIsFound(t *testing.T) {
	r, err := report(t, numbers(2, increment, increment))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Exhaustive || r.Schedules != 4 || r.Breaking != 2 {
		t.Errorf("%d of %d schedules break (exhaustive: %v), want 2 of 4", r.Breaking, r.Schedules, r.Exhaustive)
	}
	f := r.Shortest
	if f.Preemptions != 1 || fmt.Sprint(f.Schedule) != "[1 2 2 1]" || f.Err.Error() != "1 holds 1, want 2" {
		t.Errorf("%+v", f)
	}
	for _, want := range []string{"SELECT v FROM t WHERE id = 1", "→ 0", "UPDATE t SET v = ? WHERE id = 1 -- 1", "→ 1 row", "returns nil"} {
		if !strings.Contains(f.Transcript, want) {
			t.Errorf("the transcript lacks %q:\n%s", want, f.Transcript)
		}
	}
	alone := numbers(2, increment, increment)
	alone.Schedule = f.Schedule
	again, err := report(t, alone)
	if err != nil || again.Breaking != 1 || again.Shortest.Transcript != f.Transcript {
		t.Errorf("the schedule alone: %v\n%v", err, again)
	}
}

func TestRightCodeIsNotAccused(t *testing.T) {
	r, err := report(t, numbers(3, add, add, add))
	if err != nil || r.Breaking > 0 || !r.Exhaustive || r.Schedules != 6 {
		t.Errorf("%v\n%v", err, r)
	}
	if want := "none of 6 schedules breaks, and there are no others"; !strings.Contains(r.String(), want) {
		t.Errorf("%q lacks %q", r, want)
	}
}

// TestBudget: past it schedules are drawn, the same with the same seed.
func TestBudget(t *testing.T) {
	code := numbers(3, increment, increment, increment)
	code.Budget, code.Seed = 20, 7
	first, err := report(t, code)
	if err != nil {
		t.Fatal(err)
	}
	if first.Exhaustive || first.Schedules != 20 || first.Drawn != 5 || !strings.Contains(first.String(), "5 of these were drawn with seed 7") {
		t.Errorf("%v", first)
	}
	second, err := report(t, code)
	if err != nil || first.Breaking != second.Breaking {
		t.Errorf("%v: %d and %d break", err, first.Breaking, second.Breaking)
	}
	code.Stop = true
	if r, err := report(t, code); err != nil || r.Breaking != 1 {
		t.Errorf("%v: %d break, want the first to be the last", err, r.Breaking)
	}
}

// TestWaits: who finds the database locked goes on when it is free, and the transcript says so.
func TestWaits(t *testing.T) {
	twice := func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		for range 2 {
			if _, err := tx.ExecContext(ctx, "UPDATE t SET v = v + 1 WHERE id = 1"); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
	r, err := report(t, numbers(-1, twice, twice)) // every schedule breaks
	if err != nil {
		t.Fatal(err)
	}
	if r.Breaking != r.Schedules || r.Schedules < 4 || r.Shortest.Preemptions != 0 || !strings.Contains(r.String(), "one client after the other") {
		t.Errorf("%v", r)
	}
	code := numbers(-1, twice, twice)
	code.Schedule = []int{1, 2, 1, 1}
	if r, err = report(t, code); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"… waits for a lock", "… goes on", "BEGIN", "COMMIT"} {
		if !strings.Contains(r.Shortest.Transcript, want) {
			t.Errorf("the transcript lacks %q:\n%s", want, r.Shortest.Transcript)
		}
	}
	for i, told := range r.Shortest.Told {
		if told != nil {
			t.Errorf("client %d: %v", i+1, told)
		}
	}
}

var errGaveUp = errors.New("gave up")

// TestRefusals: a refused statement is an outcome like others: the code gets the driver's own error, and may try again.
func TestRefusals(t *testing.T) {
	try := func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		var v int
		if err := tx.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE t SET v = ? WHERE id = 1", v+1); err != nil {
			return err
		}
		return tx.Commit()
	}
	retried := 0
	buy := func(ctx context.Context, db *sql.DB) error {
		for range 3 {
			err := try(ctx, db)
			var refused interface{ Code() int }
			if !errors.As(err, &refused) {
				return err
			}
			retried++
		}
		return errGaveUp
	}
	code := numbers(0, buy, buy)
	code.Check = func(ctx context.Context, db *sql.DB, told []error) error {
		var v, sold int
		for _, err := range told {
			switch {
			case err == nil:
				sold++
			case !errors.Is(err, errGaveUp):
				return err
			}
		}
		if err := db.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil || v != sold {
			return fmt.Errorf("%d were told that they had one, and %d are sold: %w", sold, v, err)
		}
		return nil
	}
	r, err := report(t, code)
	if err != nil || r.Breaking > 0 || !r.Exhaustive || retried == 0 {
		t.Errorf("%v, %d were retried: %v", err, retried, r)
	}
}

// TestWhatCannotBeExplored says why, leaves nothing behind, and ends soon.
func TestWhatCannotBeExplored(t *testing.T) {
	change := func(change func(*owncode.Code[*sql.DB])) owncode.Code[*sql.DB] {
		code := numbers(2, add, add)
		code.Limit = time.Second
		change(&code)
		return code
	}
	first := func(f function) owncode.Code[*sql.DB] {
		return change(func(c *owncode.Code[*sql.DB]) { c.Clients[0] = f })
	}
	never := make(chan struct{})
	defer close(never)
	var kept *sql.Tx
	defer func() { _ = kept.Rollback() }()
	runs := 0
	for name, c := range map[string]struct {
		code  owncode.Code[*sql.DB]
		match error
		says  string
	}{
		"no reset":       {change(func(c *owncode.Code[*sql.DB]) { c.Reset = nil }), owncode.ErrCode, "Code.Reset is nil"},
		"ignore, check":  {change(func(c *owncode.Code[*sql.DB]) { c.Ignore = []string{"t"} }), owncode.ErrCode, "for code without a Check"},
		"one client":     {numbers(1, add), owncode.ErrCode, "1 Code.Clients"},
		"names":          {change(func(c *owncode.Code[*sql.DB]) { c.Names = []string{"ann"} }), owncode.ErrCode, "1 Code.Names for"},
		"a wrong order":  {change(func(c *owncode.Code[*sql.DB]) { c.Schedule = []int{1, 3} }), owncode.ErrCode, "client 3"},
		"no such level":  {change(func(c *owncode.Code[*sql.DB]) { c.Isolation = harness.ReadCommitted }), nil, "no isolation level read-committed"},
		"setup fails":    {change(func(c *owncode.Code[*sql.DB]) { c.Setup = owncode.SQL("CREATE TABBLE x") }), nil, "Code.Setup: CREATE TABBLE x: "},
		"reset fails":    {change(func(c *owncode.Code[*sql.DB]) { c.Reset = owncode.SQL("UPDATE nowhere SET v = 0") }), nil, "no such table: nowhere"},
		"two goroutines": {first(concurrently), owncode.ErrConcurrent, "client 1"},
		"without end": {first(func(ctx context.Context, db *sql.DB) error {
			for {
				if err := increment(ctx, db); err != nil {
					return err
				}
			}
		}), owncode.ErrManyActions, "bound its retries"},
		"heedless of errors": {first(func(ctx context.Context, db *sql.DB) error {
			for ctx.Err() == nil {
				_ = increment(ctx, db)
			}
			return nil
		}), owncode.ErrManyActions, "bound its retries"},
		"silent": {first(func(ctx context.Context, db *sql.DB) error {
			if err := add(ctx, db); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}), owncode.ErrSilent, "UPDATE t SET v = v + 1"},
		"silent from the start": {first(func(ctx context.Context, _ *sql.DB) error {
			<-ctx.Done()
			return ctx.Err()
		}), owncode.ErrSilent, "client 1"},
		"heedless of its context": {first(func(context.Context, *sql.DB) error { <-never; return nil }), owncode.ErrSilent, "client 1"},
		"exits":                   {first(func(context.Context, *sql.DB) error { runtime.Goexit(); return nil }), owncode.ErrExited, "return an error instead"},
		"keeps its transaction": {first(func(_ context.Context, db *sql.DB) error {
			var err error
			if kept, err = db.Begin(); err == nil {
				_, err = kept.Exec("UPDATE t SET v = 1")
			}
			return err
		}), owncode.ErrInUse, "client 1"},
		"is not repeatable": {change(func(c *owncode.Code[*sql.DB]) {
			c.Clients[1] = func(ctx context.Context, db *sql.DB) error {
				if runs++; runs > 1 {
					return nil
				}
				return add(ctx, db)
			}
		}), explore.ErrDiverged, "the same statements"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := report(t, c.code)
			if err == nil || c.match != nil && !errors.Is(err, c.match) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %v with %q", err, c.match, c.says)
			}
		})
	}
}

// concurrently runs two statements at once.
func concurrently(ctx context.Context, db *sql.DB) error {
	other := make(chan error)
	go func() { other <- add(ctx, db) }()
	err := add(ctx, db)
	return errors.Join(err, <-other)
}

// TestPanic: it breaks the schedule, and says where.
func TestPanic(t *testing.T) {
	r, err := report(t, numbers(2, add, func(ctx context.Context, db *sql.DB) error {
		var v int
		if err := db.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil {
			return err
		}
		return add(ctx, []*sql.DB{db}[v]) // nobody may have added before
	}))
	if err != nil {
		t.Fatal(err)
	}
	var panicked *owncode.PanicError
	if r.Breaking == 0 || r.Breaking == r.Schedules || !errors.As(r.Shortest.Err, &panicked) || !strings.Contains(r.String(), "owncode_test.go") {
		t.Errorf("%v", r)
	}
}

// TestContextEnds: what hangs on a context that ends is taken back, and the next schedule finds nothing of it.
func TestContextEnds(t *testing.T) {
	r, err := report(t, numbers(1, add, func(ctx context.Context, db *sql.DB) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE t SET v = 5 WHERE id = 1")
		return err
	}))
	if err != nil || r.Breaking > 0 || !r.Exhaustive {
		t.Errorf("%v\n%v", err, r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = owncode.Explore(ctx, owncode.Open(t, sqlite.Engine()), numbers(2, add, func(ctx context.Context, db *sql.DB) error {
		cancel()
		return add(ctx, db)
	}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the test's own context ended: %v", err)
	}
}
