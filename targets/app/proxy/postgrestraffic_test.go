package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// bulk is more than any buffer, and than one packet of MySQL's protocol.
const bulk = 17 << 20

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

func pgOpen(t testing.TB, f *front) *pgx.Conn {
	t.Helper()
	c, err := pgx.ConnectConfig(t.Context(), pgConfig(t, f.url))
	must(t, err)
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// idle wants the proxy to wait for no answer, and to know of no transaction. It hears last that a connection has ended.
func (f *front) idle(t *testing.T) {
	t.Helper()
	busy := true
	for i := 0; busy && i < 2000; i++ {
		busy = slices.ContainsFunc(f.Conns(), func(c *proxy.Conn) bool {
			unanswered, inside := c.Busy()
			return unanswered || inside
		})
		_ = harness.Sleep(t.Context(), time.Millisecond)
	}
	if busy {
		t.Error("the proxy waits for an answer, or for the end of a transaction")
	}
}

// TestPostgresTraffic: what clients do beside single statements comes through.
func TestPostgresTraffic(t *testing.T) {
	s := engineOf(t, "postgres", "")
	f := before(t, s, "lastseat_app_traffic", "")
	for name, do := range map[string]func(*testing.T, *front, *pgx.Conn){
		"cancel": pgCancels, "copy": pgCopies, "pipeline": pgPipelines, "several": pgSeveral, "large": pgLarge, "notify": pgNotifies,
		"terminated": pgTerminated, "failed": pgFails,
	} {
		f.ways(t, name, func(t *testing.T) {
			c := pgOpen(t, f)
			do(t, f, c)
			_, err := c.Exec(t.Context(), "DROP TABLE IF EXISTS lines, steps")
			if !c.IsClosed() {
				must(t, err)
			}
			f.idle(t)
		})
	}
	for _, b := range f.told() {
		if b.Lost && !strings.Contains(b.Requests[0].SQL, "pg_terminate_backend") {
			t.Errorf("lost: %+v", b.Requests[0])
		}
	}
}

func pgCancels(t *testing.T, f *front, c *pgx.Conn) {
	cfg := pgConfig(t, f.url)
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Minute}
	}
	sleeper, err := pgx.ConnectConfig(t.Context(), cfg)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := sleeper.Exec(ctx, "SELECT pg_sleep(600)")
		done <- err
	}()
	for asleep := false; !asleep; {
		must(t, c.QueryRow(t.Context(), "SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", sleeper.PgConn().PID()).Scan(&asleep))
	}
	cancel()
	if err := <-done; code(err) != "57014" {
		t.Errorf("%v, want 57014", err)
	}
	var one int
	must(t, sleeper.QueryRow(t.Context(), "SELECT 1").Scan(&one))
	must(t, sleeper.Close(t.Context()))
	if err := f.Trouble(); err != nil {
		t.Error(err)
	}
}

func pgCopies(t *testing.T, _ *front, c *pgx.Conn) {
	pc, ctx := c.PgConn(), t.Context()
	_, err := pc.Exec(ctx, "CREATE TABLE lines (x TEXT CHECK (x <> 'bad'))").ReadAll()
	must(t, err)
	in := strings.Repeat(strings.Repeat("z", 1023)+"\n", 3000)
	tag, err := pc.CopyFrom(ctx, strings.NewReader(in), "COPY lines FROM STDIN")
	if must(t, err); tag.RowsAffected() != 3000 {
		t.Error(tag)
	}
	var out bytes.Buffer
	tag, err = pc.CopyTo(ctx, &out, "COPY lines TO STDOUT")
	if must(t, err); tag.RowsAffected() != 3000 || out.String() != in {
		t.Error(tag, out.Len())
	}
	if _, err = pc.CopyFrom(ctx, strings.NewReader("good\nbad\n"), "COPY lines FROM STDIN"); code(err) != "23514" {
		t.Error(err)
	}
	if _, err = pc.CopyFrom(ctx, strings.NewReader(in), "COPY nosuch FROM STDIN"); code(err) != "42P01" {
		t.Error(err)
	}
	if _, err = pc.CopyFrom(ctx, &failing{}, "COPY lines FROM STDIN"); code(err) != "57014" {
		t.Error(err)
	}
	n, err := c.CopyFrom(ctx, pgx.Identifier{"lines"}, []string{"x"}, pgx.CopyFromRows([][]any{{"a"}, {"b"}}))
	if must(t, err); n != 2 {
		t.Error(n)
	}
	var count int
	must(t, c.QueryRow(ctx, "SELECT count(*) FROM lines").Scan(&count))
	if count != 3002 {
		t.Error(count)
	}
}

// failing is a file that cannot be read to its end.
type failing struct{ some bool }

func (f *failing) Read(b []byte) (int, error) {
	if f.some {
		return 0, errors.New("broken")
	}
	f.some = true
	return copy(b, "good\n"), nil
}

func pgPipelines(t *testing.T, _ *front, c *pgx.Conn) {
	ctx := t.Context()
	_, err := c.Exec(ctx, "CREATE TABLE steps (x INT PRIMARY KEY)")
	must(t, err)
	batch := &pgx.Batch{}
	for i := range 200 {
		batch.Queue("INSERT INTO steps VALUES ($1)", i)
	}
	batch.Queue("SELECT sum(x) FROM steps").QueryRow(func(row pgx.Row) error {
		var sum int
		if err := row.Scan(&sum); err != nil || sum != 19900 {
			t.Error(sum, err)
		}
		return nil
	})
	must(t, c.SendBatch(ctx, batch).Close())
	p := c.PgConn().StartPipeline(ctx)
	p.SendPrepare("one", "SELECT $1::int + 1", nil)
	p.SendQueryPrepared("one", [][]byte{[]byte("41")}, nil, nil)
	p.SendFlushRequest()
	must(t, p.Flush()) // the answer is wanted before Sync
	_, err = p.GetResults()
	must(t, err)
	results, err := p.GetResults()
	must(t, err)
	if r := results.(*pgconn.ResultReader).Read(); string(r.Rows[0][0]) != "42" {
		t.Error(r)
	}
	p.SendQueryParams("INSERT INTO steps VALUES (1)", nil, nil, nil, nil) // there is one
	p.SendQueryParams("SELECT 1", nil, nil, nil, nil)
	must(t, p.Sync())
	p.SendQueryParams("SELECT 2", nil, nil, nil, nil)
	must(t, p.Sync())
	var codes, rows []string
	for range 8 {
		results, err := p.GetResults()
		if err != nil {
			codes = append(codes, code(err))
			continue
		}
		if r, ok := results.(*pgconn.ResultReader); ok {
			read := r.Read()
			if codes = append(codes, code(read.Err)); len(read.Rows) > 0 {
				rows = append(rows, string(read.Rows[0][0]))
			}
		}
	}
	if !strings.Contains(strings.Join(codes, " "), "23505") || strings.Join(rows, " ") != "2" {
		t.Error(codes, rows)
	}
	must(t, p.Close())
	for i := range 3 { // one that was prepared before
		r := c.PgConn().ExecPrepared(ctx, "one", [][]byte{fmt.Append(nil, i)}, nil, nil).Read()
		if must(t, r.Err); string(r.Rows[0][0]) != fmt.Sprint(i+1) {
			t.Error(r)
		}
	}
	must(t, c.Deallocate(ctx, "one"))
	if r := c.PgConn().ExecPrepared(ctx, "one", [][]byte{{'1'}}, nil, nil).Read(); code(r.Err) != "26000" {
		t.Error(r.Err)
	}
}

func pgSeveral(t *testing.T, _ *front, c *pgx.Conn) {
	results, err := c.PgConn().Exec(t.Context(), "CREATE TEMP TABLE several (x INT); INSERT INTO several SELECT generate_series(1, 5000); SELECT * FROM several; ; SELECT 'last'").ReadAll()
	must(t, err)
	if len(results) != 4 || len(results[2].Rows) != 5000 || string(results[3].Rows[0][0]) != "last" {
		t.Errorf("%d results", len(results))
	}
	results, err = c.PgConn().Exec(t.Context(), "SELECT 1; SELECT 1/0; SELECT 2").ReadAll()
	if code(err) != "22012" || len(results) == 0 || string(results[0].Rows[0][0]) != "1" {
		t.Error(err, results)
	}
	if results, err = c.PgConn().Exec(t.Context(), "").ReadAll(); err != nil || len(results) > 1 {
		t.Error(err, results)
	}
}

func pgLarge(t *testing.T, _ *front, c *pgx.Conn) {
	for i, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		text := strings.Repeat(string(rune('a'+i)), bulk)
		var back string
		must(t, c.QueryRow(t.Context(), "SELECT $1::text", mode, text).Scan(&back))
		if back != text {
			t.Errorf("%v: %d bytes of %d", mode, len(back), len(text))
		}
	}
}

func pgNotifies(t *testing.T, f *front, c *pgx.Conn) {
	_, err := c.Exec(t.Context(), "LISTEN seats")
	must(t, err)
	other := pgOpen(t, f)
	for _, text := range []string{"one", "two"} {
		_, err = other.Exec(t.Context(), "SELECT pg_notify('seats', $1)", text)
		must(t, err)
		limited, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		n, err := c.WaitForNotification(limited) // nothing is asked meanwhile
		cancel()
		if must(t, err); n.Payload != text || n.PID != other.PgConn().PID() {
			t.Errorf("%+v", n)
		}
	}
	must(t, other.Close(t.Context()))
}

func pgTerminated(t *testing.T, f *front, c *pgx.Conn) {
	other := pgOpen(t, f)
	_, err := other.Exec(t.Context(), "BEGIN")
	must(t, err)
	_, err = c.Exec(t.Context(), "SELECT pg_terminate_backend($1, 30000)", other.PgConn().PID())
	must(t, err)
	if _, err = other.Exec(t.Context(), "SELECT 1"); code(err) != "57P01" {
		t.Errorf("%v, want 57P01", err)
	}
	if !other.IsClosed() {
		t.Error("not closed")
	}
	if _, err = c.Exec(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())"); code(err) != "57P01" {
		t.Errorf("%v, want 57P01", err)
	}
}

func pgFails(t *testing.T, f *front, c *pgx.Conn) {
	ctx := t.Context()
	tx, err := c.Begin(ctx)
	must(t, err)
	if _, err = tx.Exec(ctx, "SELECT 1/0"); code(err) != "22012" {
		t.Error(err)
	}
	if _, err = tx.Exec(ctx, "SELECT 1"); code(err) != "25P02" {
		t.Error(err)
	}
	if _, err = tx.Exec(ctx, "SAVEPOINT a"); code(err) != "25P02" {
		t.Error(err)
	}
	if err = tx.Commit(ctx); !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Error(err)
	}
	f.idle(t)
	tx, err = c.Begin(ctx)
	must(t, err)
	nested, err := tx.Begin(ctx)
	must(t, err)
	if _, err = nested.Exec(ctx, "SELEC"); code(err) != "42601" {
		t.Error(err)
	}
	must(t, nested.Rollback(ctx))
	_, err = tx.Exec(ctx, "SELECT 1")
	must(t, err)
	must(t, tx.Commit(ctx))
	_, err = c.Exec(ctx, "DO $$ BEGIN FOR i IN 1..50 LOOP RAISE NOTICE 'n %', i; END LOOP; END $$")
	must(t, err)
}
