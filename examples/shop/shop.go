// Package shop is a small shop as many have it: it knows nothing of lastseat. Its tests do, and show which of its two ways to
// sell a hat sells the last one twice, in which order of statements. Start at shop_test.go.
package shop

import (
	"context"
	"database/sql"
	"errors"
)

// Shop sells what its table stock(item, left_over) says is there, and keeps a table orders(customer, item).
type Shop struct{ DB *sql.DB }

// ErrSoldOut is the answer to who comes too late.
var ErrSoldOut = errors.New("sold out")

// Buy has a bug: between its look at the stock and its transaction, somebody else may buy.
func (s Shop) Buy(ctx context.Context, customer, item string) error {
	var left int
	if err := s.DB.QueryRowContext(ctx, "SELECT left_over FROM stock WHERE item = ?", item).Scan(&left); err != nil {
		return err
	}
	if left == 0 {
		return ErrSoldOut
	}
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
	if _, err := tx.ExecContext(ctx, "UPDATE stock SET left_over = left_over - 1 WHERE item = ?", item); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (customer, item) VALUES (?, ?)", customer, item); err != nil {
		return err
	}
	return tx.Commit()
}

// BuySafely has the statement that takes a hat away look whether there is one.
func (s Shop) BuySafely(ctx context.Context, customer, item string) error {
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // as above
	taken, err := tx.ExecContext(ctx, "UPDATE stock SET left_over = left_over - 1 WHERE item = ? AND left_over > 0", item)
	if err != nil {
		return err
	}
	if n, err := taken.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return ErrSoldOut
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (customer, item) VALUES (?, ?)", customer, item); err != nil {
		return err
	}
	return tx.Commit()
}
