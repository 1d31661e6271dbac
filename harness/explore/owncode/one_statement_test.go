package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/workloads"
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

// TestOneStatementUnderLoad: the same kind of code, put under load, is caught: clients whose statements are under way at the same time sell
// what only one of them may.
func TestOneStatementUnderLoad(t *testing.T) {
	const clients = 16
	info, err := owncode.Open(t, postgres.Engine()).(store.Connectable).ConnInfo(harness.NoLevel)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", info.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(clients)
	db.SetMaxIdleConns(clients)
	const berths = 5
	target := &engine.Code{
		Reset: func(ctx context.Context, _ harness.State) error {
			return owncode.SQL("DROP TABLE IF EXISTS cabin", "CREATE TABLE cabin (booking BIGINT, berths INT)")(ctx, db)
		},
		Run: func(ctx context.Context, _ int, op *harness.Op) harness.Result {
			// A cancellation books a berth back, which is always right.
			r, err := db.ExecContext(ctx, `INSERT INTO cabin SELECT $1, $2 WHERE $2 < 0 OR (SELECT COALESCE(SUM(berths), 0) FROM cabin) < $3`,
				op.ID, -op.Steps[0].Delta, berths)
			if err != nil {
				return harness.Result{Outcome: harness.Unknown, Err: err}
			}
			if n, _ := r.RowsAffected(); n == 0 {
				return harness.Result{Outcome: harness.Rejected}
			}
			return harness.Result{Outcome: harness.OK}
		},
		Read: func(ctx context.Context, final *harness.State) error {
			rows, err := db.QueryContext(ctx, "SELECT booking, -berths FROM cabin")
			if err != nil {
				return err
			}
			defer rows.Close()
			final.Values[0], final.Entries = berths, nil
			for rows.Next() {
				var e harness.Entry
				if err := rows.Scan(&e.Op, &e.Delta); err != nil {
					return err
				}
				final.Values[0] += e.Delta
				final.Entries = append(final.Entries, e)
			}
			return rows.Err()
		},
	}
	seats, err := workloads.New("seats", workloads.Config{Cells: 1, Stock: berths})
	if err != nil {
		t.Fatal(err)
	}
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Reserve = clients, time.Minute // until it is decided
	report, err := engine.Run(t.Context(), engine.Row{Workload: seats, Target: target}, cfg)
	if err != nil || report.Verdict != harness.Unsafe {
		t.Errorf("%v, %v, want unsafe: %+v", err, report.Verdict, report.Results)
	}
}
