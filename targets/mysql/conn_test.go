package mysql

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// programs are the two server programs.
func programs() []local.Program { return []local.Program{Mysqld(), Mariadbd()} }

// ways are the ways of a connection to the driver: by the driver's connection itself, and through database/sql.
func ways() map[string]bool { return map[string]bool{"driver": false, "database": true} }

// throwaway starts a server, or skips the test.
func throwaway(t testing.TB, program local.Program) *server {
	t.Helper()
	dsn, own, err := local.Resolve(t.Context(), program, "", options(program, &store.OpenConfig{Volatile: true}))
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, program.Name, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	s := &server{name: "lastseat_test"}
	if err := s.reach(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.admin.Close() }) // the server ends with the test
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+s.name); err != nil {
		t.Fatal(err)
	}
	s.own = s.cfg.Clone()
	s.own.DBName = s.name
	return s
}

// TestConn: what a connection is good for after each way to fail.
func TestConn(t *testing.T) {
	for _, program := range programs() {
		t.Run(program.Name, func(t *testing.T) {
			s := throwaway(t, program)
			for name, database := range ways() {
				t.Run(name, func(t *testing.T) {
					s.database = database
					afterErrors(t, connected(t, s))
					c := connected(t, s)
					afterBatch(t, c)
					afterTimeout(t, c)
					c = connected(t, s)
					afterKill(t, c, connected(t, s))
				})
			}
		})
	}
}

func connected(t testing.TB, s *server) sqldb.Conn {
	t.Helper()
	c, err := s.connect(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func afterErrors(t *testing.T, c sqldb.Conn) {
	t.Helper()
	ctx := t.Context()
	exec := func(sql string, args ...any) error { _, err := c.Exec(ctx, sql, args...); return err }
	if err := errors.Join(exec("CREATE TEMPORARY TABLE x (id BIGINT PRIMARY KEY, list TEXT)"), exec("START TRANSACTION"),
		exec("INSERT INTO x VALUES (?, ?)", int64(-7), "1,2,,3")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := exec("INSERT INTO x VALUES (?, ?)", int64(-7), ""); errorNumber(err) != errDuplicate {
			t.Errorf("a duplicate: %v", err)
		}
		if err := exec("INSERT INTO y VALUES (?)", int64(1)); errorCode(err) != "1146" {
			t.Errorf("no such table: %v", err)
		}
	}
	if err := c.Commit(ctx); err != nil {
		t.Error(err)
	}
	for range 2 { // prepared once, and used again
		if got, err := c.Query(ctx, "SELECT id, SUM(id) FROM x WHERE id < ? GROUP BY id", int32(0)); err != nil || len(got) != 2 || got[0] != -7 || got[1] != -7 {
			t.Errorf("read back %v, %v", got, err)
		}
		if got, err := c.List(ctx, "SELECT list FROM x"); err != nil || len(got) != 3 || got[2] != 3 {
			t.Errorf("listed %v, %v", got, err)
		}
		if got, err := c.Query(ctx, "SELECT id FROM x WHERE id > ?", int64(0)); err != nil || len(got) != 0 {
			t.Errorf("of no rows: %v, %v", got, err)
		}
	}
	reply, err := c.Show(ctx, "SELECT id, list, NULL, DATE('2020-02-03') FROM x")
	if err != nil || len(reply.Rows) != 1 || len(reply.Rows[0]) != 4 || reply.Rows[0][1] != "1,2,,3" || reply.Rows[0][2] != "NULL" || reply.Rows[0][3] != "2020-02-03" {
		t.Errorf("shown %v, %v", reply, err)
	}
	if reply, err := c.Show(ctx, "UPDATE x SET list = 'a'"); err != nil || reply.Affected != 1 {
		t.Errorf("shown %v, %v", reply, err)
	}
	if text, err := c.Text(ctx, "SELECT list FROM x"); err != nil || text != "a" {
		t.Errorf("text %q, %v", text, err)
	}
	if _, err := c.Text(ctx, "SELECT list FROM x WHERE id = 0"); err == nil {
		t.Error("there is a text of no row")
	}
}

// afterBatch: a batch answers each of its queries, also one without rows, and ends with the first statement that the server refuses; after
// that the connection goes on.
func afterBatch(t *testing.T, c sqldb.Conn) {
	t.Helper()
	b, ok := c.(interface {
		Batch(ctx context.Context, queries, statements []string) ([][]int64, error)
	})
	if !ok {
		return // database/sql asks one by one
	}
	ctx := t.Context()
	if _, err := b.Batch(ctx, nil, []string{"CREATE TEMPORARY TABLE x (id BIGINT PRIMARY KEY, list TEXT)", "INSERT INTO x VALUES (-7, '')"}); err != nil {
		t.Fatal(err)
	}
	got, err := b.Batch(ctx, []string{"SELECT 1, -2 UNION ALL SELECT 3, 4", "SELECT 5 FROM x WHERE id = 0", "SELECT SUM(id) FROM x"},
		[]string{"DELETE FROM x", "INSERT INTO x VALUES (6, '')"})
	if err != nil || fmt.Sprint(got) != "[[1 -2 3 4] [] [-7]]" {
		t.Errorf("a batch: %v, %v", got, err)
	}
	if _, err := b.Batch(ctx, nil, []string{"UPDATE x SET id = 7", "INSERT INTO x VALUES (7, '')", "DELETE FROM x"}); errorNumber(err) != errDuplicate {
		t.Errorf("a batch whose second statement is refused: %v", err)
	}
	if got, err := b.Batch(ctx, []string{"SELECT id FROM x"}, []string{"INSERT INTO x VALUES (7, '')"}); errorNumber(err) != errDuplicate {
		t.Errorf("a batch whose last statement is refused: %v, %v", got, err)
	}
	if got, err := c.Query(ctx, "SELECT id FROM x"); err != nil || len(got) != 1 || got[0] != 7 {
		t.Errorf("after it: %v, %v", got, err)
	}
	if reply, err := c.Show(ctx, "SELECT 1; SELECT 2, 'a'"); err != nil || len(reply.Rows) != 2 || len(reply.Rows[1]) != 2 {
		t.Errorf("two statements shown: %v, %v", reply, err)
	}
}

// afterTimeout: a statement that is cut off on its way takes its connection along, and its error is both the deadline's and a lost
// connection's. A machine that stalls may find the time up before the statement was sent: then it gets twice the time.
func afterTimeout(t *testing.T, c sqldb.Conn) {
	t.Helper()
	var err error
	for d := 20 * time.Millisecond; !c.Dead() && d < time.Minute; d *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		if _, err = c.Query(ctx, "SELECT SLEEP(?)", int64(600)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: %v", err)
		}
		cancel()
	}
	isLost(t, c, err)
}

// afterKill: a connection that the server has ended is lost.
func afterKill(t *testing.T, c, other sqldb.Conn) {
	t.Helper()
	if _, err := other.Show(t.Context(), "KILL CONNECTION "+text(t, c, connectionID)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Exec(t.Context(), "COMMIT")
	isLost(t, c, err)
}

func text(t *testing.T, c sqldb.Conn, q string) string {
	t.Helper()
	s, err := c.Text(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// isLost checks that an error means a lost connection, on which nothing is sent any more.
func isLost(t *testing.T, c sqldb.Conn, err error) {
	t.Helper()
	if err == nil || !c.Dead() {
		t.Fatalf("the connection is lost: error %v, dead %v", err, c.Dead())
	}
	if _, err := c.Query(t.Context(), "SELECT 1"); classify(err).Lost || err == nil {
		t.Errorf("nothing is sent after that: %v", err)
	}
}
