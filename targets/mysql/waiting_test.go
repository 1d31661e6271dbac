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

// TestWhoeverWaitsIsReported: each session is said to wait for as long as it waits for a row lock, whatever it waits to do and whether it has written
// before, under its own number and no other, and not any more once it has its answer. (InnoDB's report is of no use for it on MySQL: it leaves
// out those that have written nothing.)
func TestWhoeverWaitsIsReported(t *testing.T) {
	t.Run("mysql", func(t *testing.T) { whoeverWaits(t, throwaway(t, Mysqld()), &product{}) })
	t.Run("mariadb", func(t *testing.T) { whoeverWaits(t, throwaway(t, Mariadbd()), &product{mariaDB: true}) })
}

func whoeverWaits(t *testing.T, s *server, p *product) {
	t.Helper()
	monitor, holder, idle := connected(t, s), connected(t, s), connected(t, s)
	for _, sql := range []string{"CREATE TABLE stock (id INT PRIMARY KEY, n INT)", "INSERT INTO stock VALUES (1, 0), (2, 0)", "BEGIN"} {
		if _, err := idle.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := idle.Query(t.Context(), "SELECT n FROM stock WHERE id = 2"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, level, begin, waits string
	}{
		{"to lock", "READ COMMITTED", "BEGIN", "SELECT n FROM stock WHERE id = 1 FOR UPDATE"},
		{"to lock with others", "REPEATABLE READ", "BEGIN", "SELECT n FROM stock WHERE id = 1 LOCK IN SHARE MODE"},
		{"to read at serializable", "SERIALIZABLE", "BEGIN", "SELECT n FROM stock WHERE id = 1"},
		{"to read a range at serializable", "SERIALIZABLE", "BEGIN", "SELECT SUM(n) FROM stock"},
		{"to lock, and writes nothing ever", "REPEATABLE READ", "START TRANSACTION READ ONLY", "SELECT n FROM stock WHERE id = 1 LOCK IN SHARE MODE"},
		{"to write by itself", "READ COMMITTED", "", "UPDATE stock SET n = n + 1 WHERE id = 1"},
		{"to insert what is there", "REPEATABLE READ", "", "INSERT IGNORE INTO stock VALUES (1, 0)"},
		{"to write after a write", "REPEATABLE READ", "BEGIN; INSERT INTO stock VALUES (3, 0)", "UPDATE stock SET n = 5 WHERE id = 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			waiter := connected(t, s)
			for conn, sql := range map[sqldb.Conn][]string{
				holder: {"BEGIN", "UPDATE stock SET n = n + 1 WHERE id = 1"},
				waiter: append([]string{"SET SESSION TRANSACTION ISOLATION LEVEL " + c.level}, strings.Split(c.begin, "; ")...),
			} {
				for _, text := range sql {
					if _, err := conn.Exec(t.Context(), text); err != nil && text != "" {
						t.Fatal(err)
					}
				}
			}
			waiting(t, p, monitor, []sqldb.Conn{holder, waiter, idle}, c.waits)
			if _, err := waiter.Exec(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// waiting has the second connection wait for the first, and looks at who is said to wait until it has its answer.
func waiting(t *testing.T, p *product, monitor sqldb.Conn, conns []sqldb.Conn, text string) {
	t.Helper()
	holder, waiter := conns[0], conns[1]
	var ids []int64
	for _, c := range conns {
		ids = append(ids, c.ID())
	}
	look := func() []sqldb.Wait {
		t.Helper()
		got, err := p.waits(t.Context(), monitor, ids, nil)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	answered := make(chan error, 1)
	go func() {
		_, err := waiter.Show(t.Context(), text)
		answered <- err
	}()
	deadline := time.Now().Add(10 * time.Second)
	for len(look()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("nobody is said to wait")
		}
	}
	for range 100 {
		if got := look(); len(got) != 1 || got[0].Session != waiter.ID() {
			t.Fatalf("%v are said to wait, want %d alone", got, waiter.ID())
		}
	}
	if err := holder.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if got := look(); len(got) != 0 {
		t.Errorf("%v are said to wait after the answer", got)
	}
}

// TestNamedLockGoesOver: a lock of GET_LOCK is the waiter's as soon as its holder has the answer that it gave it back: nobody is said to wait from
// then on, however long the waiter takes to wake up.
func TestNamedLockGoesOver(t *testing.T) {
	t.Run("mysql", func(t *testing.T) { namedLockGoesOver(t, throwaway(t, Mysqld()), &product{}) })
	t.Run("mariadb", func(t *testing.T) { namedLockGoesOver(t, throwaway(t, Mariadbd()), &product{mariaDB: true}) })
}

func namedLockGoesOver(t *testing.T, s *server, p *product) {
	t.Helper()
	monitor, holder, waiter := connected(t, s), connected(t, s), connected(t, s)
	query := func(c sqldb.Conn, text string) {
		if _, err := c.Query(t.Context(), text); err != nil {
			t.Error(err)
		}
	}
	asked := map[int64]string{holder.ID(): "seat", waiter.ID(): "seat"}
	look := func() []sqldb.Wait {
		got, err := p.waits(t.Context(), monitor, []int64{holder.ID(), waiter.ID()}, asked)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for range 500 {
		query(holder, "SELECT GET_LOCK('seat', 5)")
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			query(waiter, "SELECT GET_LOCK('seat', 5)")
		}()
		for len(look()) == 0 {
			select {
			case <-answered:
				t.Fatal("the waiter has its answer, and was not said to wait")
			default:
			}
		}
		query(holder, "SELECT RELEASE_ALL_LOCKS()")
		if got := look(); len(got) > 0 {
			t.Errorf("%v are said to wait", got)
		}
		<-answered
		if query(waiter, "SELECT RELEASE_ALL_LOCKS()"); t.Failed() {
			return
		}
	}
}

// TestForWhom: of sessions that wait for each other each is said to wait for the other, by what is still so at the second look; a stranger's number is
// not known; who waits for a lock of GET_LOCK waits for nobody in particular; and a session that waits for two transactions waits for both.
func TestForWhom(t *testing.T) {
	const a, b, c, d, stranger = 11, 12, 13, 14, 99
	got := []int64{
		a, 1, 0, 1, a, 2, 1, 0, // moved by session 2: it is session 1 that waits
		b, 2, 0, 1, b, 2, 1, 0, b, 2, 1, 0,
		c, 3, 1, 1, // for a table
		d, 4, 0, 1, // does not wait
		stranger, 70, 1, 0,
		0, 5, 1, 0,
	}
	seen, owners := waitsOf(got)
	if want := []sqldb.Wait{{Session: 1, Tx: a}, {Session: 2, Tx: b}, {Session: 3, Tx: c}, {Session: 5}}; !slices.Equal(seen, want) {
		t.Fatalf("%v are seen to wait, want %v", seen, want)
	}
	all := forWhom(seen, owners, []int64{b, stranger, b, a, a, b, a, b, stranger, d, 15, a})
	want := []sqldb.Wait{{Session: 1, For: 2, Tx: a}, {Session: 2, For: 0, Tx: b}, {Session: 2, For: 1, Tx: b}, {Session: 5}}
	if !slices.Equal(all, want) {
		t.Errorf("%v, want %v", all, want)
	}
}

// TestRowWait: earlier deadlocks, sessions that do not wait, and what stands in statements count for nothing.
func TestRowWait(t *testing.T) {
	const report = "LATEST DETECTED DEADLOCK\n---TRANSACTION 1, ACTIVE\nLOCK WAIT 2 lock struct(s)\nMariaDB thread id 8, OS\nSELECT 1\n" +
		"LIST OF TRANSACTIONS FOR EACH SESSION:\n" +
		"---TRANSACTION 2, ACTIVE\n2 lock struct(s)\nMariaDB thread id 8, OS\nSELECT 1\n" +
		"---TRANSACTION 3, ACTIVE\nLOCK WAIT 2 lock struct(s)\nMariaDB thread id 70, OS\nSELECT '\nMariaDB thread id 9, OS'\n" +
		"---TRANSACTION 4, ACTIVE\n2 lock struct(s)\nMariaDB thread id 10, OS\nSELECT '\nLOCK WAIT '\n"
	for session, want := range map[string]bool{"8": false, "70": true, "7": false, "0": false, "9": false, "10": false} {
		if rowWait(report, session) != want {
			t.Errorf("session %s is said to wait: %v", session, !want)
		}
	}
}
