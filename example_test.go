package lastseat_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/lastseat/lastseat"
)

// reserve is code under test: it takes one of the hats that are left, if there is one, and answers how many are left then.
func reserve(ctx context.Context, db *sql.DB) (left int, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
	if err := tx.QueryRowContext(ctx, "SELECT available FROM stock WHERE item = 'hat' FOR UPDATE").Scan(&left); err != nil {
		return 0, err
	}
	if left == 0 {
		return 0, errors.New("sold out")
	}
	if _, err := tx.ExecContext(ctx, "UPDATE stock SET available = available - 1 WHERE item = 'hat'"); err != nil {
		return 0, err
	}
	return left - 1, tx.Commit()
}

// Two customers and one hat: whatever the order of their statements, each must be told, and the table must hold, what one after the other
// would have given.
func ExampleTest() {
	_ = func(t *testing.T) { // TestReserve
		lastseat.Test(t, lastseat.Open(t, "postgres"), lastseat.Code[*sql.DB]{
			Setup:   lastseat.SQL("CREATE TABLE stock (item VARCHAR(9) PRIMARY KEY, available INT)"),
			Reset:   lastseat.SQL("DELETE FROM stock", "INSERT INTO stock VALUES ('hat', 1)"),
			Clients: []func(context.Context, *sql.DB) error{lastseat.Returning(reserve), lastseat.Returning(reserve)},
		})
	}
}
