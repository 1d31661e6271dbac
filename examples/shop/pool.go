package shop

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// PoolShop is the same shop on pgx.
type PoolShop struct{ DB *pgxpool.Pool }

// Buy has the bug in one transaction, where many think that it cannot be.
func (s PoolShop) Buy(ctx context.Context, customer, item string) error {
	return s.buy(ctx, "SELECT left_over FROM stock WHERE item = $1", customer, item)
}

// BuySafely locks the row that it looks at.
func (s PoolShop) BuySafely(ctx context.Context, customer, item string) error {
	return s.buy(ctx, "SELECT left_over FROM stock WHERE item = $1 FOR UPDATE", customer, item)
}

func (s PoolShop) buy(ctx context.Context, look, customer, item string) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var left int
		if err := tx.QueryRow(ctx, look, item).Scan(&left); err != nil {
			return err
		}
		if left == 0 {
			return ErrSoldOut
		}
		if _, err := tx.Exec(ctx, "UPDATE stock SET left_over = $1 WHERE item = $2", left-1, item); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO orders (customer, item) VALUES ($1, $2)", customer, item)
		return err
	})
}
