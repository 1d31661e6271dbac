package owncode_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// refusal is the server's code for a refused statement, as code that looks at its driver's own errors sees it.
func refusal(err error) string {
	var my *mysqldriver.MySQLError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &my):
		return fmt.Sprint(my.Number)
	case errors.As(err, &pg):
		return pg.Code
	}
	return ""
}

// inOrder adds to both numbers in one transaction: to first, and then to the other.
func inOrder(first int) function {
	return func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		for _, id := range []int{first, 3 - first} {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE t SET v = v + 1 WHERE id = %d", id)); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
}

// reads reads and writes in one transaction at a level.
func reads(level sql.IsolationLevel) function {
	return func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		var v int
		if err := tx.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE t SET v = %d WHERE id = 1", v+1)); err != nil {
			return err
		}
		return tx.Commit()
	}
}

// retrying tries again while the server refuses.
func retrying(f function) function {
	return func(ctx context.Context, db *sql.DB) error {
		var err error
		for range 10 {
			if err = f(ctx, db); refusal(err) == "" {
				return err
			}
		}
		return err
	}
}

func TestServers(t *testing.T) {
	for _, c := range []struct {
		engine        store.Engine
		deadlock      string
		serialization string // what serializable says to who read and then writes
	}{
		{mysql.MySQL(), "1213", "1213"},
		{mysql.MariaDB(), "1213", "1213"},
		{postgres.Engine(), "40P01", "40001"},
	} {
		t.Run(c.engine.Name, func(t *testing.T) {
			server := owncode.Open(t, c.engine)
			explored := func(t *testing.T, want int, clients ...function) (owncode.Report, map[string]int) {
				t.Helper()
				refused := map[string]int{}
				code := numbers(want, clients...)
				check := code.Check
				code.Check = func(ctx context.Context, db *sql.DB, told []error) error {
					for _, err := range told {
						if err != nil {
							refused[refusal(err)]++
						}
					}
					if want < 0 { // as many as were told so
						var v, done int
						for _, err := range told {
							if err == nil {
								done++
							}
						}
						if err := db.QueryRowContext(ctx, "SELECT v FROM t WHERE id = 1").Scan(&v); err != nil || v != done {
							return fmt.Errorf("%d were told that they had added, and 1 holds %d: %w", done, v, err)
						}
						return nil
					}
					return check(ctx, db, told)
				}
				r, err := owncode.Explore(t.Context(), server, code)
				if err != nil {
					t.Fatal(err)
				}
				return r, refused
			}
			t.Run("a lost update", func(t *testing.T) {
				r, refused := explored(t, 2, reads(sql.LevelReadCommitted), reads(sql.LevelReadCommitted))
				if r.Breaking == 0 || r.Breaking == r.Schedules || !r.Exhaustive || len(refused) > 0 {
					t.Errorf("refused %v: %v", refused, r)
				}
			})
			t.Run("waits", func(t *testing.T) {
				r, refused := explored(t, 2, inOrder(1), inOrder(1))
				if r.Breaking > 0 || len(refused) > 0 {
					t.Errorf("refused %v: %v", refused, r)
				}
			})
			t.Run("deadlock", func(t *testing.T) {
				r, refused := explored(t, -1, inOrder(1), inOrder(2))
				if r.Breaking > 0 || refused[c.deadlock] == 0 || len(refused) > 1 {
					t.Errorf("refused %v: %v", refused, r)
				}
			})
			t.Run("serialization", func(t *testing.T) {
				r, refused := explored(t, -1, reads(sql.LevelSerializable), reads(sql.LevelSerializable))
				if r.Breaking > 0 || refused[c.serialization] == 0 || len(refused) > 1 {
					t.Errorf("refused %v: %v", refused, r)
				}
			})
			t.Run("retries", func(t *testing.T) {
				r, refused := explored(t, 2, retrying(reads(sql.LevelSerializable)), retrying(reads(sql.LevelSerializable)))
				if r.Breaking > 0 || len(refused) > 0 || !r.Exhaustive {
					t.Errorf("refused %v: %v", refused, r)
				}
			})
			t.Run("a lock of its own", func(t *testing.T) { selfDeadlock(t, server) })
			t.Run("another level", func(t *testing.T) {
				code := numbers(2, reads(sql.LevelDefault), reads(sql.LevelDefault))
				code.Isolation = harness.Serializable
				r, err := owncode.Explore(t.Context(), server, code)
				if err != nil || r.Level != harness.Serializable || r.Shortest != nil && r.Shortest.Told[0] == nil && r.Shortest.Told[1] == nil {
					t.Errorf("%v: %v", err, r)
				}
			})
			t.Run("a statement that never ends", func(t *testing.T) { endless(t, server, c.engine.Name) })
		})
	}
}

// selfDeadlock: code that waits for itself, on a second connection, is refused by the server in the end, as it would be anywhere.
func selfDeadlock(t *testing.T, server store.Server) {
	code := numbers(0, func(ctx context.Context, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to take back
		if _, err := tx.ExecContext(ctx, "UPDATE t SET v = 1 WHERE id = 1"); err != nil {
			return err
		}
		return add(ctx, db) // should have been tx's
	}, func(context.Context, *sql.DB) error { return nil })
	var told error
	check := code.Check
	code.Check = func(ctx context.Context, db *sql.DB, all []error) error {
		told = all[0]
		return check(ctx, db, all)
	}
	r, err := owncode.Explore(t.Context(), server, code)
	if err != nil || r.Breaking > 0 || refusal(told) != "1205" && refusal(told) != "55P03" {
		t.Errorf("%v, %v: %v", err, told, r)
	}
}

// endless: a statement that takes longer than the limit ends the exploration, with what was under way.
func endless(t *testing.T, server store.Server, engine string) {
	sleep := "SELECT SLEEP(1000)"
	if engine == "postgres" {
		sleep = "SELECT pg_sleep(1000)"
	}
	code := numbers(1, add, func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, sleep)
		return err
	})
	code.Limit = time.Second
	_, err := owncode.Explore(t.Context(), server, code)
	if err == nil || !strings.Contains(err.Error(), sleep) {
		t.Errorf("%v, want %q to be named", err, sleep)
	}
}
