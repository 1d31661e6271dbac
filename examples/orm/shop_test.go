package orm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/lastseat/lastseat"
	"github.com/lastseat/lastseat/harness/explore/owncode"
)

var errSoldOut = errors.New("sold out")

// buy is what a library makes of a purchase: guarded takes a hat in the statement that checks, else the check comes before.
type buy func(ctx context.Context, db *sql.DB, guarded bool) error

// testBuy wants the guarded way to hold in every order of statements, and the other one to break.
func testBuy(t *testing.T, engine string, buy buy) {
	t.Helper()
	server := lastseat.Open(t, engine)
	t.Run("guarded", func(t *testing.T) { lastseat.Test(t, server, lastHat(buy, true)) })
	t.Run("unguarded", func(t *testing.T) {
		report, err := owncode.Explore(t.Context(), server, lastHat(buy, false))
		if err != nil {
			t.Fatal(err)
		}
		if report.Breaking == 0 || !report.Exhaustive {
			t.Errorf("the last hat is not sold twice: %v", report)
		}
	})
}

func lastHat(buy buy, guarded bool) lastseat.Code[*sql.DB] {
	client := func(ctx context.Context, db *sql.DB) error { return buy(ctx, db, guarded) }
	return lastseat.Code[*sql.DB]{
		Setup: lastseat.SQL("DROP TABLE IF EXISTS stock", "CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, available INT)",
			"DROP TABLE IF EXISTS orders", "CREATE TABLE orders (item VARCHAR(9))"),
		Reset:   lastseat.SQL("DELETE FROM orders", "DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
		Clients: []func(context.Context, *sql.DB) error{client, client},
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var sold int
			err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&sold)
			if err == nil && sold != 1 {
				err = fmt.Errorf("%d hats were sold, and there was 1", sold)
			}
			return err
		},
	}
}
