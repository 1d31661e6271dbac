package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/targets/postgres"
)

// TestOneStatementIsNoProof: the guard of one INSERT reads before another INSERT commits, when both are under way at once. No order of
// whole statements shows that, so the report must not say that there is nothing else.
func TestOneStatementIsNoProof(t *testing.T) {
	buy := func(op int64) function {
		return func(ctx context.Context, db *sql.DB) error {
			r, err := db.ExecContext(ctx, `INSERT INTO orders (op, delta) SELECT $1, -1 WHERE (SELECT COALESCE(SUM(delta), 0) FROM orders) > -5`, op)
			if err != nil {
				return err
			}
			if n, _ := r.RowsAffected(); n == 0 {
				return errors.New("sold out")
			}
			return nil
		}
	}
	r, err := owncode.Explore(t.Context(), owncode.Open(t, postgres.Engine()), owncode.Code[*sql.DB]{
		Setup:   owncode.SQL("CREATE TABLE orders (op BIGINT, delta INT)"),
		Reset:   owncode.SQL("DELETE FROM orders", "INSERT INTO orders VALUES (0, -4)"),
		Clients: []function{buy(1), buy(2)},
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var n int
			if err := db.QueryRowContext(ctx, "SELECT -SUM(delta) FROM orders").Scan(&n); err != nil || n <= 5 {
				return err
			}
			return fmt.Errorf("sold %d of 5", n)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if says := r.String(); strings.Contains(says, "there are no others") || !strings.Contains(says, owncode.NotOverlapped) {
		t.Errorf("%q must say what was not tried", says)
	}
}
