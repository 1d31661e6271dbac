//go:build broken

package shop_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/lastseat/lastseat"
	"github.com/lastseat/lastseat/examples/shop"
)

func TestBuy(t *testing.T) {
	buy := func(customer string) func(context.Context, *sql.DB) error {
		return func(ctx context.Context, db *sql.DB) error { return shop.Shop{DB: db}.Buy(ctx, customer, "hat") }
	}
	lastseat.Test(t, lastseat.Open(t, "sqlite"), lastseat.Code[*sql.DB]{
		Setup: lastseat.SQL("CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, left_over INT)",
			"CREATE TABLE orders (customer VARCHAR(9), item VARCHAR(9))"),
		Reset:   lastseat.SQL("DELETE FROM orders", "DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
		Clients: []func(context.Context, *sql.DB) error{buy("ann"), buy("bob")},
		Check: func(ctx context.Context, db *sql.DB, _ []error) error {
			var sold int
			err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&sold)
			if err == nil && sold != 1 {
				err = fmt.Errorf("%d hats were sold, and there was 1", sold)
			}
			return err
		},
	})
}
