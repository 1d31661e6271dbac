package pgxcode_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/explore/owncode/pgxcode"
	"github.com/lastseat/lastseat/targets/postgres"
)

// TestWithoutCheck: code on a pool is judged by serial orders, too; what it returns counts.
func TestWithoutCheck(t *testing.T) {
	server := owncode.Open(t, postgres.Engine())
	for _, lock := range []string{"", " FOR UPDATE"} {
		take := owncode.Returning(func(ctx context.Context, pool *pgxpool.Pool) (left int, err error) {
			tx, err := pool.Begin(ctx)
			if err != nil {
				return 0, err
			}
			defer tx.Rollback(ctx) //nolint:errcheck // after Commit there is nothing to take back
			if err := tx.QueryRow(ctx, "SELECT free FROM hall WHERE id = $1"+lock, 1).Scan(&left); err != nil {
				return 0, err
			}
			if left == 0 {
				return 0, errors.New("sold out")
			}
			if _, err := tx.Exec(ctx, "UPDATE hall SET free = free - 1 WHERE id = $1", 1); err != nil {
				return 0, err
			}
			return left - 1, tx.Commit(ctx)
		})
		r, err := owncode.Explore(t.Context(), server, owncode.Code[*pgxpool.Pool]{
			Open: pgxcode.Pool(), Setup: pgxcode.SQL("CREATE TABLE hall (id INT PRIMARY KEY, free INT)"),
			Reset: pgxcode.SQL("DELETE FROM hall", "INSERT INTO hall VALUES (1, 1)"), Clients: []func(context.Context, *pgxpool.Pool) error{take, take},
		})
		want := harness.Unsafe
		if lock != "" {
			want = harness.Safe
		}
		if err != nil || r.Verdict != want {
			t.Errorf("lock %q: %v\n%v", lock, err, r)
		}
	}
}
