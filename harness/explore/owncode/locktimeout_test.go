package owncode_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/sqlite"
)

// moves takes 10 from an account and gives them to another. careless goes on whatever the second statement says.
func moves(from, to string, careless bool) function {
	return func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		if _, err := tx.ExecContext(ctx, "UPDATE account SET v = v - 10 WHERE id = "+from); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE account SET v = v + 10 WHERE id = "+to); err != nil && !careless {
			return err
		}
		return tx.Commit()
	}
}

// TestLockTimeouts: code that goes on after a lock time-out leaves half of what it does, where the transaction goes on as well; and only
// who asks for time-outs is shown that.
func TestLockTimeouts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine store.Engine
		goesOn bool
	}{{mysql.MariaDB(), true}, {mysql.MySQL(), true}, {postgres.Engine(), false}, {sqlite.Engine(), false}} {
		t.Run(c.engine.Name, func(t *testing.T) {
			t.Parallel()
			server := owncode.Open(t, c.engine)
			for _, careless := range []bool{true, false} {
				code := owncode.Code[*sql.DB]{
					Setup:        owncode.SQL("CREATE TABLE account (id INT PRIMARY KEY, v INT)"),
					Reset:        owncode.SQL("DELETE FROM account", "INSERT INTO account VALUES (1, 100), (2, 100), (3, 100)"),
					Clients:      []function{moves("1", "2", careless), moves("2", "3", false)},
					LockTimeouts: true,
				}
				r, err := owncode.Explore(t.Context(), server, code)
				if err != nil || r.LockTimeouts == 0 || !strings.Contains(r.String(), "ran into its lock time-out") {
					t.Fatalf("careless %v: %v\n%v", careless, err, r)
				}
				accused := careless && c.goesOn
				if (r.Breaking > 0) != accused {
					t.Errorf("careless %v: %d break\n%v", careless, r.Breaking, r)
				}
				if !accused {
					continue
				}
				t.Log(r)
				if r.Verdict != harness.Unsafe || !strings.Contains(r.Shortest.Transcript, "waits for a lock, until the server ends it") ||
					!slices.ContainsFunc(r.Shortest.Schedule, func(i int) bool { return i < 0 }) {
					t.Errorf("%v", r)
				}
				code.LockTimeouts, code.Schedule = false, r.Shortest.Schedule
				if again, err := owncode.Explore(t.Context(), server, code); err != nil || again.Breaking != 1 {
					t.Errorf("the schedule alone: %v\n%v", err, again)
				}
				code.Schedule = nil
				if r, err = owncode.Explore(t.Context(), server, code); err != nil || r.Breaking > 0 || r.LockTimeouts > 0 {
					t.Errorf("not asked for: %v\n%v", err, r)
				}
			}
		})
	}
}
