package targets_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets"
)

var errSoldOut = errors.New("sold out")

// TestClassify: what code of one's own meets on each server, through database/sql and its usual driver, is what it should be taken for.
func TestClassify(t *testing.T) {
	for _, e := range targets.Single() {
		if !e.SQL {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			server := owncode.Open(t, e)
			info, err := store.ConnInfoOf(server, harness.NoLevel)
			if err != nil {
				t.Fatal(err)
			}
			connector, err := info.Connector(info.DSN)
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(connector)
			defer db.Close()
			exec := func(text string) error {
				_, err := db.ExecContext(t.Context(), text)
				return err
			}
			for _, text := range []string{
				"DROP TABLE IF EXISTS seat", "CREATE TABLE seat (id INT PRIMARY KEY, free INT, CHECK (free >= 0))", "INSERT INTO seat VALUES (1, 1), (2, 1)",
			} {
				if err := exec(text); err != nil {
					t.Fatal(err)
				}
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			_, late := db.ExecContext(ended, "UPDATE seat SET free = 0")
			for what, try := range map[string]struct {
				err  error
				want harness.Result
			}{
				"nothing":            {nil, harness.Result{Outcome: harness.OK}},
				"a refusal, wrapped": {fmt.Errorf("buy: %w", errSoldOut), harness.Result{Outcome: harness.Rejected}},
				"a check":            {exec("UPDATE seat SET free = free - 2 WHERE id = 1"), harness.Result{Outcome: harness.Rejected}},
				"a key that is taken": {exec("INSERT INTO seat VALUES (1, 1)"), harness.Result{
					Outcome: harness.Failed, Conflict: harness.VersionMiss,
				}},
				"no such table":              {exec("UPDATE no_such_table SET free = 1"), harness.Result{Outcome: harness.Failed}},
				"the time is up":             {late, harness.Result{Outcome: harness.Unknown}},
				"an error of the program's":  {errors.New("no mail server"), harness.Result{Outcome: harness.Unknown}},
				"a connection that is ended": {sql.ErrConnDone, harness.Result{Outcome: harness.Unknown}},
				"somebody else was first":    {secondWriter(t, db, e.Name), harness.Result{Outcome: harness.Failed, Conflict: conflicts[e.Name]}},
			} {
				got := store.Classify(server, try.err, errSoldOut)
				if got.Outcome != try.want.Outcome || got.Conflict != try.want.Conflict || (got.Err == nil) != (got.Outcome == harness.OK || got.Outcome == harness.Rejected) {
					t.Errorf("%s: %v is %s (%s), want %s (%s)", what, try.err, got.Outcome, got.Conflict, try.want.Outcome, try.want.Conflict)
				}
			}
			if e.Name == "postgres" {
				testPgx(t, server, info.DSN)
			}
		})
	}
}

// conflicts are what the second of two writers meets in secondWriter.
var conflicts = map[string]harness.Conflict{
	"postgres": harness.Serialization, "mysql": harness.LockTimeout, "mariadb": harness.LockTimeout, "sqlite": harness.LockTimeout,
}

// secondWriter is the error of who writes a row that another transaction has written: that one commits where the server refuses the
// second only then.
func secondWriter(t *testing.T, db *sql.DB, engine string) error {
	t.Helper()
	begin := func() *sql.Tx {
		tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: map[bool]sql.IsolationLevel{true: sql.LevelSerializable}[engine == "postgres"]})
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	const write = "UPDATE seat SET free = free + 1 WHERE id = 2"
	first, second := begin(), begin()
	defer func() { _, _ = first.Rollback(), second.Rollback() }()
	var free int
	if engine == "postgres" {
		if err := second.QueryRowContext(t.Context(), "SELECT free FROM seat WHERE id = 2").Scan(&free); err != nil { // its snapshot
			t.Fatal(err)
		}
	}
	if _, err := first.ExecContext(t.Context(), write); err != nil {
		t.Fatal(err)
	}
	if engine == "postgres" {
		if err := first.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := second.ExecContext(ctx, write)
	return err
}

// testPgx: the same through pgx itself, and what is left of a session that the server ended.
func testPgx(t *testing.T, server store.Server, dsn string) {
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), "INSERT INTO seat VALUES (1, 1)")
	if got := store.Classify(server, err); got.Conflict != harness.VersionMiss {
		t.Errorf("pgx: %v is %s (%s)", err, got.Outcome, got.Conflict)
	}
	_, err = conn.Exec(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())")
	if got := store.Classify(server, err); err == nil || got.Outcome != harness.Unknown {
		t.Errorf("pgx, of a session that was ended: %v is %s", err, got.Outcome)
	}
}
