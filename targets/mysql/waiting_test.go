package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/app/database"
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
