package shop_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/lastseat/lastseat/examples/shop"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// lastHat has two customers want the last hat.
func lastHat(buy func(s shop.Shop, ctx context.Context, customer, item string) error) owncode.Code[*sql.DB] {
	customer := func(name string) func(context.Context, *sql.DB) error {
		return func(ctx context.Context, db *sql.DB) error { return buy(shop.Shop{DB: db}, ctx, name, "hat") }
	}
	return owncode.Code[*sql.DB]{
		Setup: owncode.SQL(
			"DROP TABLE IF EXISTS stock", "CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, left_over INT)",
			"DROP TABLE IF EXISTS orders", "CREATE TABLE orders (customer VARCHAR(9), item VARCHAR(9))"),
		Reset:   owncode.SQL("DELETE FROM orders", "DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
		Clients: []func(context.Context, *sql.DB) error{customer("ann"), customer("bob")},
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var sold int
			if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&sold); err != nil {
				return err
			}
			if sold != 1 {
				return fmt.Errorf("%d hats were sold, and there was 1", sold)
			}
			return nil
		},
	}
}

// TestShop: BuySafely is tested as a shop would test itself, by owncode.Test, which fails if any order of statements sells a hat
// too many, or none. The bug in Buy has to be found; in a shop of one's own its test would be that of buy_test.go, and fail.
func TestShop(t *testing.T) {
	for _, e := range []store.Engine{sqlite.Engine(), mysql.MySQL(), mysql.MariaDB()} {
		t.Run(e.Name, func(t *testing.T) {
			server := owncode.Open(t, e)
			t.Run("BuySafely", func(t *testing.T) { owncode.Test(t, server, lastHat(shop.Shop.BuySafely)) })
			t.Run("Buy is broken", func(t *testing.T) { broken(t, server, lastHat(shop.Shop.Buy)) })
		})
	}
}

// broken wants a bug to be found.
func broken[DB any](t *testing.T, server store.Server, code owncode.Code[DB]) {
	t.Helper()
	report, err := owncode.Explore(t.Context(), server, code)
	if err != nil {
		t.Fatal(err)
	}
	if report.Breaking == 0 || !report.Exhaustive || report.Shortest.Preemptions != 1 {
		t.Errorf("the bug was not found as it should be")
	}
	t.Log(report)
}
