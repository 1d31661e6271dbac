package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/sqldb"
)

// TestWaitsForAMovedRow: who waits is said of the session that waits, also once the holder of the lock has made the row longer: InnoDB then
// moves it with its locks, and notes with them the thread that did.
func TestWaitsForAMovedRow(t *testing.T) {
	for _, engine := range []database.Engine{Databases(), MariaDBDatabases()} {
		t.Run(engine.Name, func(t *testing.T) {
			server, err := engine.Open(t.Context(), "", false)
			var missing *store.MissingError
			if errors.As(err, &missing) {
				required.Missing(t, engine.Name, missing.Hint)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			db, err := server.Create(t.Context(), "lastseat_app_00000001")
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Exec(t.Context(), "CREATE TABLE job (id int PRIMARY KEY, worker varchar(20))"); err != nil {
				t.Fatal(err)
			}
			for worker := range 10 {
				moved(t, server.(*programServer), db, strings.Repeat("x", worker))
			}
		})
	}
}

// moved has a session wait for a row that another makes longer meanwhile.
func moved(t *testing.T, s *programServer, db database.Database, worker string) {
	t.Helper()
	holder, waiter := session(t, s, db.Name()), session(t, s, db.Name())
	for _, q := range []string{"REPLACE INTO job VALUES (1, '')", "BEGIN", "SELECT * FROM job WHERE worker = '' FOR UPDATE"} {
		holder.exec(t, q)
	}
	waiter.exec(t, "BEGIN")
	answered := make(chan error, 1)
	go func() {
		_, err := waiter.ExecContext(t.Context(), "SELECT * FROM job WHERE worker = '' FOR UPDATE")
		answered <- err
	}()
	waits := func(when string) {
		t.Helper()
		ids := []uint64{holder.id, waiter.id}
		deadline := time.Now().Add(10 * time.Second)
		for {
			got, err := db.Waiting(t.Context(), ids)
			switch {
			case err != nil:
				t.Fatal(err)
			case got[holder.id]:
				t.Fatalf("%s: the holder is said to wait", when)
			case got[waiter.id]:
				return
			case time.Now().After(deadline):
				t.Fatalf("%s: %v, want that %d waits", when, got, waiter.id)
			}
		}
	}
	waits("before the UPDATE")
	holder.exec(t, fmt.Sprintf("UPDATE job SET worker = '%sb' WHERE id = 1", worker))
	waits("after it")
	holder.exec(t, "COMMIT")
	if err := <-answered; err != nil {
		t.Error(err)
	}
	waiter.exec(t, "COMMIT")
}

// numbered is a session with its number.
type numbered struct {
	*sql.Conn
	id uint64
}

func session(t *testing.T, s *programServer, name string) numbered {
	t.Helper()
	db, err := s.connect(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the server ends with the test
	var c numbered
	if c.Conn, err = db.Conn(t.Context()); err == nil {
		err = c.QueryRowContext(t.Context(), "SELECT connection_id()").Scan(&c.id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c numbered) exec(t *testing.T, q string) {
	t.Helper()
	if _, err := c.ExecContext(t.Context(), q); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

// report is a server's monitor that answers with a report of InnoDB's, and counts how often its tables of locks are asked.
type report struct {
	sqldb.Conn
	status string
	err    error
	asked  int
}

func (r *report) Show(context.Context, string) (store.Reply, error) {
	return store.Reply{Rows: [][]string{
		{"InnoDB", "", r.status},
		{"7", "", "", "", "Query", "", "User lock"},
		{"8", "", "", "", "Query", "", "executing"},
		{"9", "", "", "", "Sleep", "", ""},
		{"10", "", "", "", "Query", "", "statistics"},
	}}, r.err
}

func (r *report) Query(context.Context, string, ...any) ([]int64, error) {
	r.asked++
	return []int64{9, 8, 100}, nil
}

// TestTablesOfLocksAreAskedWhereTheReportDoesNotSuffice: where it lacks a
// session that is at work, as MySQL's does where one waits to read, where several wait and might do so for each other, and where it
// may not be read. An earlier deadlock in it, and sessions that are not asked for, count for nothing.
func TestTablesOfLocksAreAskedWhereTheReportDoesNotSuffice(t *testing.T) {
	const before = "LATEST DETECTED DEADLOCK\n---TRANSACTION 1, ACTIVE\nLOCK WAIT 2 lock struct(s)\nMySQL thread id 8, x\nLIST OF TRANSACTIONS FOR EACH SESSION:\n"
	waits := func(id int) string {
		return fmt.Sprintf("---TRANSACTION 2, ACTIVE\nLOCK WAIT 2 lock struct(s)\nMySQL thread id %d, OS\nSELECT 1\n", id)
	}
	const runs = "---TRANSACTION 3, ACTIVE\n2 lock struct(s)\nMySQL thread id 8, OS\n"
	found := func(ids ...int64) (all []sqldb.Wait) {
		for _, id := range ids {
			all = append(all, sqldb.Wait{Session: id})
		}
		return all
	}
	tables := []sqldb.Wait{{Session: 9, For: 8, Tx: 100}}
	for _, c := range []struct {
		name string
		report
		ids  []int64
		want []sqldb.Wait
	}{
		{"nobody waits", report{status: before + runs + waits(70)}, []int64{8, 9}, nil},
		{"one waits", report{status: before + runs + waits(9)}, []int64{8, 9}, found(9)},
		{"one waits for a lock of GET_LOCK", report{status: before + runs}, []int64{7, 8}, found(7)},
		{"two wait", report{status: before + waits(9) + runs}, []int64{7, 8, 9}, tables},
		{"one is at work, and not in the report", report{status: before + runs}, []int64{8, 10}, tables},
		{"no right", report{err: &mysqldriver.MySQLError{Number: errAccessSpecific}}, []int64{8, 9}, tables},
	} {
		got, err := (&product{}).waits(t.Context(), &c.report, c.ids)
		if err != nil || !slices.Equal(got, c.want) || (c.asked == 1) != slices.Equal(c.want, tables) {
			t.Errorf("%s: %v, %v, and the tables were asked %d times, want %v", c.name, got, err, c.asked, c.want)
		}
	}
	lost := &report{err: mysqldriver.ErrInvalidConn}
	if _, err := (&product{}).waits(t.Context(), lost, nil); err == nil {
		t.Error("the connection was lost, and that is no error")
	}
}
