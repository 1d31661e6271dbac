package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/sqldb"
)

func TestClassify(t *testing.T) {
	numbered := func(n uint16) error { return fmt.Errorf("write stock 3: %w", &mysqldriver.MySQLError{Number: n}) }
	for _, c := range []struct {
		err  error
		want sqldb.Class
	}{
		{numbered(1213), sqldb.Class{Conflict: harness.Deadlock}},
		{numbered(3058), sqldb.Class{Conflict: harness.Deadlock}},
		{numbered(1205), sqldb.Class{Conflict: harness.LockTimeout}},
		{numbered(3572), sqldb.Class{Conflict: harness.LockTimeout}},
		{numbered(1020), sqldb.Class{Conflict: harness.Serialization}},
		{numbered(1062), sqldb.Class{Conflict: harness.VersionMiss}},
		{numbered(3819), sqldb.Class{Rejected: true}},
		{numbered(4025), sqldb.Class{Rejected: true}},
		{numbered(1053), sqldb.Class{Lost: true}},
		{numbered(1146), sqldb.Class{}},
		{numbered(1047), sqldb.Class{}}, // a node of a cluster that is not ready takes no statement
		{numbered(3098), sqldb.Class{}}, // a group refuses the write
		{numbered(3101), sqldb.Class{Conflict: harness.Serialization}},
		{&mysqldriver.MySQLError{Number: 1180, Message: "Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT"}, sqldb.Class{Conflict: harness.Serialization}},
		{&mysqldriver.MySQLError{Number: 1180, Message: "Got error 5 - 'Input/output error' during COMMIT"}, sqldb.Class{Lost: true}},
		{mysqldriver.ErrInvalidConn, sqldb.Class{Lost: true}},
		{io.ErrUnexpectedEOF, sqldb.Class{Lost: true}},
		{driver.ErrBadConn, sqldb.Class{}}, // nothing was sent
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.err, got, c.want)
		}
	}
}

// TestHosts: a DSN of a cluster names its servers; one of a single server may not.
func TestHosts(t *testing.T) {
	for dsn, want := range map[string]string{
		"galera://me:secret@a:3307,b,c:3308/":        "me secret a:3307 [b:3306 c:3308]",
		"group-replication://me:s%2Ce@a,b/?tls=true": "me s,e a:3306 [b:3306]",
		"galera://me@[::1]:3307,[fe80::1]/":          "me  [::1]:3307 [[fe80::1]:3306]",
		"galera://me:secret@a":                       "me secret a:3306 []",
	} {
		cfg, more, err := parseHosts(dsn)
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		if got := fmt.Sprint(cfg.User, " ", cfg.Passwd, " ", cfg.Addr, " ", more); got != want {
			t.Errorf("%s: %s, want %s", dsn, got, want)
		}
	}
	for _, dsn := range []string{"mysql://me:secret@a,b/", "me:secret@tcp(a:3307,b:3308)/"} {
		if _, err := parseDSN(dsn); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("two servers, where there can be one: %v", err)
		}
	}
}

func TestParseDSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"me:secret@tcp(db:3307)/":        "me secret db:3307",
		"mysql://me:secret@db:3307":      "me secret db:3307",
		"mariadb://me:secret@db":         "me secret db:3306",
		"mysql://me:s%2Fe@db/x?tls=true": "me s/e db:3306",
	} {
		cfg, err := parseDSN(dsn)
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		if got := cfg.User + " " + cfg.Passwd + " " + cfg.Addr; got != want {
			t.Errorf("%s: %s, want %s", dsn, got, want)
		}
	}
	for _, dsn := range []string{"secret", "mysql://", "mysql://me:secret@:bad", "http://me:secret@db", "mysql://me:secret@db?tls=no-such"} {
		if cfg, err := parseDSN(dsn); err == nil {
			if _, err = openDB(cfg); err == nil {
				t.Errorf("%s was accepted", dsn)
			}
		} else if strings.Contains(err.Error(), "secret@") {
			t.Errorf("the password is in %q", err)
		}
	}
}

// TestStatementSkewDependsOnTheStatement keeps a false promise from coming back: MariaDB 10.11 at read committed locks the
// rows that a direct subquery reads, but not those that the same subquery reads inside a derived table. The promise is for
// the direct form, and so the direct form is what the strategies must use.
func TestStatementSkewDependsOnTheStatement(t *testing.T) {
	dsn, throwaway, err := local.Resolve(t.Context(), Mariadbd(), "", local.Options{})
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, "mariadb", missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := throwaway.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if !strings.HasPrefix(throwaway.Binary().Version, "10.") {
		t.Skipf("the promise is for MariaDB 10, this is %s", throwaway.Binary().Version)
	}
	s := &server{name: "skew"}
	if err := s.reach(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	defer s.admin.Close()
	const direct = "SELECT SUM(v) FROM skew.acc"
	for form, guard := range map[string]string{"direct": direct, "derived": "SELECT total FROM (SELECT SUM(v) AS total FROM skew.acc) AS g"} {
		t.Run(form, func(t *testing.T) {
			ctx := t.Context()
			for _, q := range []string{
				"DROP DATABASE IF EXISTS skew", "CREATE DATABASE skew", "CREATE TABLE skew.acc (id INT PRIMARY KEY, v INT)",
				"INSERT INTO skew.acc VALUES (0, 10), (1, 10)",
			} {
				if _, err := s.admin.ExecContext(ctx, q); err != nil {
					t.Fatal(err)
				}
			}
			withdraw := func(id int) string {
				return fmt.Sprintf("UPDATE skew.acc SET v = v - 15 WHERE id = %d AND (%s) - 15 >= 0", id, guard)
			}
			first, err := s.admin.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer first.Close()
			second, err := s.admin.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer second.Close()
			for _, q := range []string{"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION", withdraw(0)} {
				if _, err := first.ExecContext(ctx, q); err != nil {
					t.Fatal(err)
				}
			}
			done := make(chan error, 1)
			go func() {
				_, err := second.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
				if err == nil {
					_, err = second.ExecContext(ctx, withdraw(1))
				}
				done <- err
			}()
			// The derived form does not wait: wait for it. The direct form waits for the first transaction: let that end.
			if form == "direct" {
				someoneWaits(t, s.admin)
			} else if err := <-done; err != nil {
				t.Fatal(err)
			}
			if _, err := first.ExecContext(ctx, "COMMIT"); err != nil {
				t.Fatal(err)
			}
			if form == "direct" {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			var sum int
			if err := s.admin.QueryRowContext(ctx, direct).Scan(&sum); err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{"direct": 5, "derived": -10}[form]; sum != want {
				t.Errorf("the accounts hold %d together, want %d", sum, want)
			}
		})
	}
}

// someoneWaits returns once a statement waits for a row lock: by then the server has read what the statement depends on.
func someoneWaits(t *testing.T, db *sql.DB) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		var name string
		var waiting int
		err := db.QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'").Scan(&name, &waiting)
		if err != nil {
			t.Fatal(err)
		}
		if waiting > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("no statement waits for a lock")
		}
	}
}
