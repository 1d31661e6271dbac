package pgxcode_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/tracelog"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/explore/owncode/pgxcode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type function = func(context.Context, *pgxpool.Pool) error

// numbers is code over a table t(id, v) that holds 0 for 1 and 2 at the start; Check wants them to be want.
func numbers(want string, clients ...function) owncode.Code[*pgxpool.Pool] {
	return owncode.Code[*pgxpool.Pool]{
		Open:    pgxcode.Pool(),
		Setup:   pgxcode.SQL("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v int)"),
		Reset:   pgxcode.SQL("DELETE FROM t", "INSERT INTO t VALUES (1, 0), (2, 0)"),
		Clients: clients,
		Check: func(ctx context.Context, db *pgxpool.Pool, _ []error) error {
			var got string
			err := db.QueryRow(ctx, "SELECT string_agg(v::text, ' ' ORDER BY id) FROM t").Scan(&got)
			if err == nil && got != want {
				err = fmt.Errorf("%s, want %s", got, want)
			}
			return err
		},
	}
}

func add(ctx context.Context, db *pgxpool.Pool) error {
	_, err := db.Exec(ctx, "UPDATE t SET v = v + 1 WHERE id = $1", 1)
	return err
}

// inOrder adds to both in one transaction: to first, and then to the other.
func inOrder(first int) function {
	return func(ctx context.Context, db *pgxpool.Pool) error {
		return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			for _, id := range []int{first, 3 - first} {
				if _, err := tx.Exec(ctx, "UPDATE t SET v = v + 1 WHERE id = $1", id); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func TestPool(t *testing.T) {
	server := owncode.Open(t, postgres.Engine())
	t.Run("waits", func(t *testing.T) {
		code := numbers("3 3", inOrder(1), inOrder(1)) // every schedule breaks
		code.Schedule = []int{1, 2, 1, 1}
		r, err := owncode.Explore(t.Context(), server, code)
		if err != nil || !strings.Contains(r.Shortest.Transcript, "… waits for a lock") || !strings.Contains(r.Shortest.Err.Error(), "2 2") {
			t.Errorf("%v\n%v", err, r)
		}
	})
	t.Run("deadlock", func(t *testing.T) {
		refused := 0
		code := numbers("", inOrder(1), inOrder(2))
		code.Check = func(_ context.Context, _ *pgxpool.Pool, told []error) error {
			for _, err := range told {
				var e *pgconn.PgError
				if errors.As(err, &e) && e.Code == "40P01" {
					refused++
				} else if err != nil {
					return err
				}
			}
			return nil
		}
		if r, err := owncode.Explore(t.Context(), server, code); err != nil || r.Breaking > 0 || refused == 0 {
			t.Errorf("%v, %d refused\n%v", err, refused, r)
		}
	})
	t.Run("levels", func(t *testing.T) {
		shown := ""
		code := numbers("0 0", func(ctx context.Context, db *pgxpool.Pool) error {
			shown = ""
			for _, opts := range []pgx.TxOptions{{}, {IsoLevel: pgx.Serializable}, {AccessMode: pgx.ReadOnly}} {
				if err := pgx.BeginTxFunc(ctx, db, opts, func(tx pgx.Tx) error {
					var level, readOnly string
					err := tx.QueryRow(ctx, "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')").Scan(&level, &readOnly)
					shown += level + " " + readOnly + ", "
					return err
				}); err != nil {
					return err
				}
			}
			return nil
		}, func(context.Context, *pgxpool.Pool) error { return nil })
		code.Isolation = harness.RepeatableRead
		if r, err := owncode.Explore(t.Context(), server, code); err != nil || r.Breaking > 0 || shown != "repeatable read off, serializable off, repeatable read on, " {
			t.Errorf("%v, %s\n%v", err, shown, r)
		}
	})
	t.Run("all that is announced", func(t *testing.T) { everything(t, server) })
	var kept *pgxpool.Conn
	defer func() { kept.Release() }()
	for name, c := range map[string]struct {
		client function
		match  error
	}{
		"goroutines": {func(ctx context.Context, db *pgxpool.Pool) error {
			other := make(chan error)
			go func() { other <- add(ctx, db) }()
			return errors.Join(add(ctx, db), <-other)
		}, owncode.ErrConcurrent},
		"keeps a connection": {func(ctx context.Context, db *pgxpool.Pool) error {
			var err error
			if kept, err = db.Acquire(ctx); err == nil {
				_, err = kept.Exec(ctx, "BEGIN; UPDATE t SET v = 5")
			}
			return err
		}, owncode.ErrInUse},
		"waits for its own pool": {func(ctx context.Context, db *pgxpool.Pool) error {
			for range db.Config().MaxConns {
				c, err := db.Acquire(ctx)
				if err != nil {
					return err
				}
				defer c.Release()
			}
			return add(ctx, db)
		}, owncode.ErrPool},
		"silent": {func(ctx context.Context, _ *pgxpool.Pool) error { <-ctx.Done(); return nil }, owncode.ErrSilent},
	} {
		t.Run(name, func(t *testing.T) {
			code := numbers("1 0", add, c.client)
			code.Limit = time.Second
			if _, err := owncode.Explore(t.Context(), server, code); !errors.Is(err, c.match) {
				t.Errorf("%v, want %v", err, c.match)
			}
		})
	}
}

// everything is announced that pgx can send, and noted with what came of it; what a pool's own hooks send is not.
func everything(t *testing.T, server store.Server) {
	logged := 0
	code := numbers("0 0", func(ctx context.Context, db *pgxpool.Pool) error {
		rows, err := db.Query(ctx, "SELECT id, v, 'hat', NULL FROM t ORDER BY id")
		if err != nil {
			return err
		}
		if rows.Next() { // with another statement while rows are open
			var n int
			if err := db.QueryRow(ctx, "SELECT v + 7 FROM t WHERE id = @id", pgx.NamedArgs{"id": 1}).Scan(&n); err != nil || n != 7 {
				return fmt.Errorf("%d, %w", n, err)
			}
		}
		rows.Close()
		err = db.QueryRow(ctx, "SELECT v FROM t WHERE id = $1", 99).Scan(new(int))
		if !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("no row: %w", err)
		}
		batch := &pgx.Batch{}
		batch.Queue("INSERT INTO t VALUES ($1, 1)", 3)
		batch.Queue("SELECT v FROM t")
		if err := db.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		if _, err := db.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"id", "v"}, pgx.CopyFromRows([][]any{{4, 1}, {5, 1}})); err != nil {
			return err
		}
		conn, err := db.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		if _, err := conn.Conn().Prepare(ctx, "mine", "DELETE FROM t WHERE id > $1"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "mine", 2); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "INSERT INTO t VALUES (1, 1)")
		return err
	}, func(context.Context, *pgxpool.Pool) error { return nil })
	code.Open = pgxcode.Pool(func(cfg *pgxpool.Config) {
		cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, "SET timezone = 'UTC'")
			return err
		}
		cfg.ConnConfig.Tracer = &tracelog.TraceLog{LogLevel: tracelog.LogLevelTrace, Logger: tracelog.LoggerFunc(
			func(context.Context, tracelog.LogLevel, string, map[string]any) { logged++ })}
	})
	check := code.Check
	code.Check = func(ctx context.Context, db *pgxpool.Pool, told []error) error {
		var e *pgconn.PgError
		if !errors.As(told[0], &e) || e.Code != "23505" {
			return fmt.Errorf("told: %w", told[0])
		}
		return errors.Join(check(ctx, db, told), errors.New("to be shown"))
	}
	for range 2 { // with statements new, and prepared already
		r, err := owncode.Explore(t.Context(), server, code)
		if err != nil {
			t.Fatal(err)
		}
		f := r.Shortest
		if f.Err.Error() != "to be shown" || len(f.Schedule) != 7 || logged == 0 {
			t.Errorf("%d were logged by another tracer: %v", logged, r)
		}
		for _, want := range []string{
			"→ (1, 0, 'hat', NULL) (2, 0, 'hat', NULL)", "→ 7", "→ no row", "INSERT INTO t VALUES ($1, 1); SELECT v FROM t; -- one batch -- 3",
			`COPY "t" (id, v) FROM STDIN`, "→ 2 rows", "DELETE FROM t WHERE id > $1 -- 2", "→ 3 rows", "✗ ERROR: duplicate key",
		} {
			if !strings.Contains(strings.Join(strings.Fields(f.Transcript), " "), want) {
				t.Errorf("the transcript lacks %q:\n%s", want, f.Transcript)
			}
		}
	}
}

// TestElsewhere: code whose connections are in another schema than the run's own is refused before it runs a statement.
func TestElsewhere(t *testing.T) {
	code := numbers("0 0", add, add)
	code.Open = pgxcode.Pool(func(cfg *pgxpool.Config) { cfg.ConnConfig.RuntimeParams["search_path"] = "public" })
	if _, err := owncode.Explore(t.Context(), owncode.Open(t, postgres.Engine()), code); !errors.Is(err, store.ErrHome) {
		t.Errorf("%v, want %v", err, store.ErrHome)
	}
}
