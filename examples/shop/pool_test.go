package shop_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lastseat/lastseat/examples/shop"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/explore/owncode/pgxcode"
	"github.com/lastseat/lastseat/targets/postgres"
)

// TestPool is the same for the shop on pgx.
func TestPool(t *testing.T) {
	server := owncode.Open(t, postgres.Engine())
	type buy = func(s shop.PoolShop, ctx context.Context, customer, item string) error
	lastHat := func(buy buy) owncode.Code[*pgxpool.Pool] {
		customer := func(name string) func(context.Context, *pgxpool.Pool) error {
			return func(ctx context.Context, db *pgxpool.Pool) error { return buy(shop.PoolShop{DB: db}, ctx, name, "hat") }
		}
		return owncode.Code[*pgxpool.Pool]{
			Open: pgxcode.Pool(),
			Setup: pgxcode.SQL(
				"DROP TABLE IF EXISTS stock, orders",
				"CREATE TABLE stock (item text PRIMARY KEY, left_over int)",
				"CREATE TABLE orders (customer text, item text)"),
			Reset:   pgxcode.SQL("DELETE FROM orders", "DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
			Clients: []func(context.Context, *pgxpool.Pool) error{customer("ann"), customer("bob")},
			Check: func(ctx context.Context, db *pgxpool.Pool, _ []error) error {
				var sold int
				if err := db.QueryRow(ctx, "SELECT COUNT(*) FROM orders").Scan(&sold); err != nil {
					return err
				}
				if sold != 1 {
					return fmt.Errorf("%d hats were sold, and there was 1", sold)
				}
				return nil
			},
		}
	}
	t.Run("BuySafely", func(t *testing.T) { owncode.Test(t, server, lastHat(shop.PoolShop.BuySafely)) })
	t.Run("Buy is broken", func(t *testing.T) {
		broken(t, server, lastHat(shop.PoolShop.Buy))
	})
}
