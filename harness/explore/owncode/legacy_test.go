package owncode_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// old is a driver that offers the least that drivers may: what database/sql then does itself, it must do for a wrapped one too.
// It writes down what reaches it.
type old struct{ log *[]string }

func (o old) note(format string, args ...any) { *o.log = append(*o.log, fmt.Sprintf(format, args...)) }

func (o old) Open(string) (driver.Conn, error) { return oldConn{o}, nil }

type oldConn struct{ old }

func (c oldConn) Prepare(query string) (driver.Stmt, error) {
	c.note("prepare %s", query)
	if query == "nonsense" {
		return nil, errors.New("no such statement")
	}
	return leastStmt{c.old, query}, nil
}

func (c oldConn) Begin() (driver.Tx, error) { c.note("begin"); return oldTx(c), nil }

func (c oldConn) Close() error { return nil }

type oldTx struct{ old }

func (t oldTx) Commit() error { t.note("commit"); return nil }

func (t oldTx) Rollback() error { t.note("rollback"); return nil }

type leastStmt struct {
	old
	query string
}

func (s leastStmt) Close() error { s.note("close"); return nil }

func (s leastStmt) NumInput() int { return strings.Count(s.query, "?") }

func (s leastStmt) Exec(args []driver.Value) (driver.Result, error) {
	s.note("exec %v", args)
	return driver.RowsAffected(len(args)), nil
}

func (s leastStmt) Query(args []driver.Value) (driver.Rows, error) {
	s.note("query %v", args)
	return &oldRows{}, nil
}

// ColumnConverter has all arguments come as text.
func (s leastStmt) ColumnConverter(int) driver.ValueConverter { return driver.String }

type oldRows struct{ read bool }

func (r *oldRows) Columns() []string { return []string{"n"} }

func (r *oldRows) Close() error { return nil }

func (r *oldRows) Next(dest []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read, dest[0] = true, int64(7)
	return nil
}

// skipping is a driver that runs statements without preparing them, but not those with arguments, as MySQL's.
type skipping struct{ old }

func (s skipping) Open(string) (driver.Conn, error) { return skippingConn{oldConn(s)}, nil }

type skippingConn struct{ oldConn }

func (c skippingConn) Exec(query string, args []driver.Value) (driver.Result, error) {
	if len(args) > 0 {
		return nil, driver.ErrSkip
	}
	c.note("exec %s at once", query)
	return driver.RowsAffected(0), nil
}

// TestOldDrivers: what reaches a driver, and what code sees, is the same with and without.
func TestOldDrivers(t *testing.T) {
	server := owncode.Open(t, sqlite.Engine())
	for name, c := range map[string]struct {
		of   func(old) driver.Driver
		want int // announced: what cannot be prepared may be so before it was announced
	}{
		"old":      {func(o old) driver.Driver { return o }, 5},
		"skipping": {func(o old) driver.Driver { return skipping{o} }, 6},
	} {
		t.Run(name, func(t *testing.T) {
			var log, plain, led []string
			nothing := func(context.Context, *sql.DB) error { return nil }
			r, err := owncode.Explore(t.Context(), server, owncode.Code[*sql.DB]{
				Open: owncode.Driver(c.of(old{&log})),
				Setup: func(ctx context.Context, db *sql.DB) error {
					plain = oldBehaviour(ctx, db, &log)
					return nil
				},
				Reset: nothing,
				Clients: []func(context.Context, *sql.DB) error{nothing, func(ctx context.Context, db *sql.DB) error {
					led = oldBehaviour(ctx, db, &log)
					return nil
				}},
				Check: func(context.Context, *sql.DB, []error) error { return errors.New("to be shown") },
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain, led); diff != "" {
				t.Errorf("-plain +led:\n%s", diff)
			}
			if got := len(r.Shortest.Schedule); got != c.want {
				t.Errorf("%d statements were announced, want %d:\n%v", got, c.want, r)
			}
		})
	}
}

// oldBehaviour is what reached the driver, and what code saw.
func oldBehaviour(ctx context.Context, db *sql.DB, log *[]string) []string {
	*log = nil
	o := old{log}
	tx, err := db.BeginTx(ctx, nil)
	o.note("%v", err)
	_, err = tx.ExecContext(ctx, "a ? ?", 1, true)
	o.note("%v", err)
	_, err = tx.ExecContext(ctx, "b")
	o.note("%v", err)
	_, err = tx.ExecContext(ctx, "nonsense", 1)
	o.note("%v", err)
	_, err = tx.ExecContext(ctx, "a ?", sql.Named("n", 1))
	o.note("%v", err)
	var n int
	err = tx.QueryRowContext(ctx, "c ?", 5).Scan(&n)
	o.note("%v %v %v", err, n, tx.Commit())
	_, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	o.note("%v", err)
	_, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	o.note("%v %v", err, db.PingContext(ctx))
	return *log
}
