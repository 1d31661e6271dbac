package orm

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jmoiron/sqlx"
)

func sqlxBuy(ctx context.Context, db *sql.DB, guarded bool) error {
	x := sqlx.NewDb(db, "sqlite")
	var available int
	if err := x.GetContext(ctx, &available, "SELECT available FROM stock WHERE item = ?", "hat"); err != nil {
		return err
	}
	if available == 0 {
		return errSoldOut
	}
	update := "UPDATE stock SET available = available - 1 WHERE item = :item"
	if guarded {
		update += " AND available > 0"
	}
	taken, err := x.NamedExecContext(ctx, update, map[string]any{"item": "hat"})
	if err != nil {
		return err
	}
	if n, err := taken.RowsAffected(); err != nil || n == 0 {
		return errSoldOut
	}
	_, err = x.ExecContext(ctx, "INSERT INTO orders (item) VALUES (?)", "hat")
	return err
}

func TestSqlx(t *testing.T) { testBuy(t, "sqlite", sqlxBuy) }
