package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/targets/targettest"
)

// throwaway starts a server, or skips the test.
func throwaway(t *testing.T) string {
	t.Helper()
	dsn, s, err := local.Resolve(t.Context(), Program(), "", local.Options{Volatile: true})
	var missing *store.MissingError
	if errors.As(err, &missing) {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return dsn
}

// TestPipe: a BEGIN that travels with the first statement, and a COMMIT that travels with the last, change no outcome.
func TestPipe(t *testing.T) {
	dsn := throwaway(t)
	for _, cfg := range []store.OpenConfig{{PipeBegin: true}, {PipeBegin: true, PipeCommit: true}} {
		cfg.DSN, cfg.Connections = dsn, 1
		server, err := Engine().Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		targettest.Exercise(t, server, sqldb.Infos())
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPipedCommitUnanswered: a COMMIT that travels with the journal's INSERT, and is not answered in time, may have been carried out.
func TestPipedCommitUnanswered(t *testing.T) {
	dsn := throwaway(t)
	server, err := Engine().Open(t.Context(), store.OpenConfig{DSN: dsn, Connections: 1, PipeCommit: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	start := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 1}, "orders", 10)
	op := harness.Op{ID: 1, Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: []harness.Cell{0}}}}}
	offer, err := server.Row(store.RowSpec{Strategy: "atomic", Level: harness.ReadCommitted, Start: start, Samples: []harness.Op{op}})
	if err != nil {
		t.Fatal(err)
	}
	if err := offer.Target.Setup(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	session, err := offer.Target.Session(t.Context(), harness.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	holder := lockJournal(t, dsn)
	var res harness.Result
	for d := 100 * time.Millisecond; res.Outcome != harness.Unknown && d < time.Minute; d *= 2 { // a machine that stalls sends nothing in time
		ctx, cancel := context.WithTimeout(t.Context(), d)
		if res = session.Do(ctx, &op); res.Outcome == harness.OK {
			t.Error("it is said to be done while the journal is locked")
		}
		cancel()
	}
	if res.Outcome != harness.Unknown || !errors.Is(res.Err, context.DeadlineExceeded) {
		t.Errorf("%v: %v, want unknown", res.Outcome, res.Err)
	}
	if err := holder.Close(t.Context()); err != nil {
		t.Error(err)
	}
	op.ID++
	if res := session.Do(t.Context(), &op); res.Outcome != harness.OK {
		t.Errorf("the next is %v: %v", res.Outcome, res.Err)
	}
	if err := offer.Target.Close(); err != nil {
		t.Error(err)
	}
}

// lockJournal locks the journal of the only run on a server, until the connection ends.
func lockJournal(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	var table string
	if err := c.QueryRow(t.Context(), `SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablename = 'orders'`).Scan(&table); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{begin, "LOCK TABLE " + table + " IN EXCLUSIVE MODE"} {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// TestConn: what a connection is good for after each way to fail.
func TestConn(t *testing.T) {
	dsn := throwaway(t)
	for i := range 5 {
		s := &server{name: "lastseat_test", pipeBegin: i%2 == 1, pipeCommit: i/2 == 1, driver: i == 4}
		if err := s.reach(t.Context(), dsn); err != nil {
			t.Fatal(err)
		}
		c, err := s.connect(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		afterErrors(t, c)
		afterLateBegin(t, c)
		inTransaction(t, c)
		afterTimeout(t, c)
		if err := s.admin.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func afterErrors(t *testing.T, c sqldb.Conn) {
	ctx := t.Context()
	exec := func(sql string, args ...any) error { _, err := c.Exec(ctx, sql, args...); return err }
	if err := errors.Join(exec("CREATE TEMP TABLE x (id BIGINT PRIMARY KEY)"), exec(begin), exec("INSERT INTO x VALUES ($1)", int64(-7))); err != nil {
		t.Fatal(err)
	}
	if err := exec("INSERT INTO x VALUES ($1)", int64(-7)); errorCode(err) != "23505" {
		t.Errorf("a duplicate: %v", err)
	}
	if err := c.Commit(ctx); !errors.Is(err, errRolledBack) {
		t.Errorf("commit of a failed transaction: %v", err)
	}
	for range 2 { // a statement that could not be prepared is not taken for one that was
		if err := errors.Join(exec(begin), exec("INSERT INTO y VALUES ($1)", int64(1))); errorCode(err) != "42P01" {
			t.Errorf("no such table: %v", err)
		}
		if err := exec(rollback); err != nil {
			t.Errorf("rollback: %v", err)
		}
	}
	if err := errors.Join(exec(begin), exec("INSERT INTO x VALUES ($1)", int64(-8)), c.Commit(ctx)); err != nil {
		t.Error(err)
	}
	if got, err := c.Query(ctx, "SELECT id, id::int, id::smallint FROM x"); err != nil || len(got) != 3 || got[0] != -8 || got[1] != -8 || got[2] != -8 {
		t.Errorf("read back %v, %v", got, err)
	}
	if piped, ok := c.(*committing); ok {
		together(t, piped)
	}
	if err := errors.Join(exec(begin), exec(rollback)); err != nil || c.Dead() {
		t.Errorf("an empty transaction: %v, dead %v", err, c.Dead())
	}
}

// afterLateBegin: a BEGIN that came too late begins nothing, so what comes next commits on its own.
func afterLateBegin(t *testing.T, c sqldb.Conn) {
	t.Helper()
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Exec(late, begin); !errors.Is(err, context.Canceled) {
		t.Errorf("a BEGIN that came too late: %v", err)
	}
	if _, err := c.Exec(t.Context(), "INSERT INTO x VALUES ($1)", int64(9)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), rollback); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Query(t.Context(), "SELECT COUNT(*) FROM x WHERE id = 9"); err != nil || got[0] != 1 {
		t.Errorf("what came after it was rolled back: %v rows, %v", got, err)
	}
}

// inTransaction: what is rolled back is gone, whatever the transaction's first statement was.
func inTransaction(t *testing.T, c sqldb.Conn) {
	t.Helper()
	for _, sql := range []string{begin, "INSERT INTO x VALUES (10)", rollback} {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := c.Query(t.Context(), "SELECT COUNT(*) FROM x WHERE id = 10"); err != nil || got[0] != 0 {
		t.Errorf("a statement without arguments was not in the transaction: %v rows, %v", got, err)
	}
}

// together: a statement that fails takes the COMMIT behind it along; one that does not is committed.
func together(t *testing.T, c *committing) {
	t.Helper()
	ctx := t.Context()
	begins := func() {
		if _, err := c.Exec(ctx, begin); err != nil {
			t.Fatal(err)
		}
	}
	begins()
	if _, err := c.Exec(ctx, "INSERT INTO x VALUES ($1)", int64(5)); err != nil {
		t.Fatal(err)
	}
	if err := c.ExecCommit(ctx, "INSERT INTO x VALUES ($1)", int64(-7)); err != nil {
		t.Errorf("committed together: %v", err)
	}
	begins()
	if _, err := c.Exec(ctx, "INSERT INTO x VALUES ($1)", int64(6)); err != nil {
		t.Fatal(err)
	}
	if err := c.ExecCommit(ctx, "INSERT INTO x VALUES ($1)", int64(5)); errorCode(err) != "23505" {
		t.Errorf("a duplicate: %v", err)
	}
	if _, err := c.Exec(ctx, rollback); err != nil {
		t.Error(err)
	}
	if got, err := c.Query(ctx, "SELECT COUNT(*) FILTER (WHERE id = 5), COUNT(*) FILTER (WHERE id = 6) FROM x"); err != nil || got[0] != 1 || got[1] != 0 {
		t.Errorf("of both that were committed and of one that was not, there are %v, %v", got, err)
	}
	if _, err := c.Exec(ctx, "DELETE FROM x WHERE id <> -8"); err != nil {
		t.Error(err)
	}
}

// afterTimeout: a statement that is cut off on its way takes its connection along. One whose time was up before it was sent does
// not, as on a machine that stalls: then it gets twice the time.
func afterTimeout(t *testing.T, c sqldb.Conn) {
	for d := 20 * time.Millisecond; !c.Dead() && d < time.Minute; d *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		if _, err := c.Query(ctx, "SELECT 1 FROM pg_sleep($1)", int64(600)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: %v", err)
		}
		cancel()
	}
	if !c.Dead() {
		t.Fatal("a connection whose statement was cut off is not dead")
	}
	if _, err := c.Query(t.Context(), "SELECT 1"); err == nil {
		t.Errorf("after that: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestDropOutlives: a schema that comes to be after its run has lost the connection, because the server was at it still, is dropped.
func TestDropOutlives(t *testing.T) {
	s := &server{name: "lastseat_00000001", made: true}
	if err := s.reach(t.Context(), throwaway(t)); err != nil {
		t.Fatal(err)
	}
	if err := s.lockAlive(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.admin.PgConn().Exec(ctx, "DO $$ BEGIN PERFORM pg_sleep(10); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(1); END $$; CREATE SCHEMA "+s.name).ReadAll(); err == nil {
		t.Fatal("it was made in time")
	}
	if err := s.drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := pgx.ConnectConfig(t.Context(), s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	left := 0
	for _, q := range []string{
		"SELECT 1 FROM pg_advisory_lock($1)", // it was at it until now
		"SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'lastseat_00000001' AND $1::bigint > 0",
	} {
		if err := c.QueryRow(t.Context(), q, sqldb.LivenessKey(s.name)).Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
	if left > 0 {
		t.Error("the schema is left")
	}
}
