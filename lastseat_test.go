package lastseat_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/lastseat/lastseat"
)

// lastHat is two customers who want the last hat.
func lastHat(buy func(context.Context, *sql.DB) error) lastseat.Code[*sql.DB] {
	return lastseat.Code[*sql.DB]{
		Setup:   lastseat.SQL("CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, available INT)", "CREATE TABLE orders (item VARCHAR(9))"),
		Reset:   lastseat.SQL("DELETE FROM orders", "DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
		Clients: []func(context.Context, *sql.DB) error{buy, buy},
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var sold int
			if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&sold); err != nil {
				return err
			}
			if sold > 1 {
				return fmt.Errorf("%d hats were sold, and there was 1", sold)
			}
			return nil
		},
	}
}

// safely checks and takes in one statement.
func safely(ctx context.Context, db *sql.DB) error {
	res, err := db.ExecContext(ctx, "UPDATE stock SET available = available - 1 WHERE item = 'hat' AND available > 0")
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errors.New("sold out"))
	}
	_, err = db.ExecContext(ctx, "INSERT INTO orders VALUES ('hat')")
	return err
}

// carelessly looks first, and takes afterwards.
func carelessly(ctx context.Context, db *sql.DB) error {
	var available int
	if err := db.QueryRowContext(ctx, "SELECT available FROM stock WHERE item = 'hat'").Scan(&available); err != nil {
		return err
	}
	if available == 0 {
		return errors.New("sold out")
	}
	_, err := db.ExecContext(ctx, "UPDATE stock SET available = available - 1 WHERE item = 'hat'")
	if err == nil {
		_, err = db.ExecContext(ctx, "INSERT INTO orders VALUES ('hat')")
	}
	return err
}

func TestSafe(t *testing.T) { lastseat.Test(t, lastseat.Open(t, "sqlite"), lastHat(safely)) }

// failing notes that a test failed, instead of failing.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Errorf(string, ...any) { f.failed = true }
func (f *failing) Error(...any)          { f.failed = true }
func (f *failing) Fatalf(string, ...any) { f.failed = true }
func (f *failing) Fatal(...any)          { f.failed = true }

func TestCareless(t *testing.T) {
	f := &failing{TB: t}
	lastseat.Test(f, lastseat.Open(t, "sqlite"), lastHat(carelessly))
	if !f.failed {
		t.Error("two customers got the last hat, and the test passes")
	}
}

// TestWithoutCheck: nobody has said what is right, and the same code passes and fails.
func TestWithoutCheck(t *testing.T) {
	server := lastseat.Open(t, "sqlite")
	for _, c := range []struct {
		buy   func(context.Context, *sql.DB) error
		fails bool
	}{{safely, false}, {carelessly, true}} {
		code := lastHat(c.buy)
		code.Check = nil
		f := &failing{TB: t}
		if lastseat.Test(f, server, code); f.failed != c.fails {
			t.Errorf("failed: %v, want %v", f.failed, c.fails)
		}
	}
}

// hatIsSoldOnce is the test that docs/owncode.md shows.
func hatIsSoldOnce(t testing.TB) {
	lastseat.Test(t, lastseat.Open(t, "sqlite"), lastseat.Code[*sql.DB]{
		Setup:   lastseat.SQL("CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, available INT)", "CREATE TABLE orders (item VARCHAR(9))"),
		Reset:   lastseat.SQL("DELETE FROM orders", "DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
		Clients: []func(context.Context, *sql.DB) error{carelessly, carelessly}, // SELECT, then UPDATE, then INSERT
	})
}

// TestShown: the test that is shown fails.
func TestShown(t *testing.T) {
	f := &failing{TB: t}
	if hatIsSoldOnce(f); !f.failed {
		t.Error("two customers got the last hat, and the test passes")
	}
}

// TestReturning: two customers who both get the last number, of which the tables know nothing.
func TestReturning(t *testing.T) {
	server := lastseat.Open(t, "sqlite")
	for _, atomic := range []bool{true, false} {
		number := lastseat.Returning(func(ctx context.Context, db *sql.DB) (left int, err error) {
			if atomic {
				return left, db.QueryRowContext(ctx, "UPDATE stock SET available = available - 1 RETURNING available").Scan(&left)
			}
			if _, err = db.ExecContext(ctx, "UPDATE stock SET available = available - 1"); err == nil {
				err = db.QueryRowContext(ctx, "SELECT available FROM stock").Scan(&left)
			}
			return left, err
		})
		code := lastHat(number)
		code.Check = nil
		f := &failing{TB: t}
		if lastseat.Test(f, server, code); f.failed == atomic {
			t.Errorf("in one statement: %v; failed: %v", atomic, f.failed)
		}
	}
}

func TestUnknownEngine(t *testing.T) {
	f := &failing{TB: t}
	lastseat.Open(f, "postgre")
	if !f.failed {
		t.Error("an unknown engine is opened")
	}
}
