package main

// Servers that stand for the user's own, and what tests ask of them.

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/env/lock"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

// password is what no output may hold.
const password = "sekret"

// shared are throwaway servers that stand for the user's own: all tests use one of each, one test at a time. Those in parallel have
// servers of their own.
var shared = map[string]*sharedServer{"postgres": {}, "mariadb": {}}

type sharedServer struct {
	once   sync.Once
	server *local.Server
	err    error
}

// secrets are all passwords that tests connect by.
func secrets() []string {
	all := []string{password}
	for _, s := range shared {
		if s.server != nil {
			all = append(all, s.server.Password())
		}
	}
	return all
}

func stopShared() error {
	var errs []error
	if shopDir != "" {
		errs = append(errs, os.RemoveAll(shopDir))
	}
	for _, s := range shared {
		if s.server != nil {
			errs = append(errs, s.server.Stop(context.Background()))
		}
	}
	return errors.Join(errs...)
}

// programOf is the program of an engine, or of a server that keeps locks.
func programOf(e string) local.Program {
	return map[string]local.Program{
		"postgres": postgres.Program(), "mysql": mysql.Mysqld(), "mariadb": mysql.Mariadbd(),
		"redis": lock.Programs()[0], "zookeeper": lock.Programs()[1], "etcd": lock.Programs()[2],
	}[e]
}

// program is the server program of an engine; without one the test is skipped.
func program(t *testing.T, e string) local.Binary {
	t.Helper()
	b, err := local.Find(t.Context(), programOf(e))
	var missing *local.NotFoundError
	if errors.As(err, &missing) && !required.By(e) {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sharedOf is the shared server of an engine.
func sharedOf(t *testing.T, e string) *local.Server {
	t.Helper()
	b, s := program(t, e), shared[e]
	s.once.Do(func() { s.server, s.err = local.Start(context.Background(), b, local.Options{Volatile: true}) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

// onServers runs a test on each shared server.
func onServers(t *testing.T, test func(t *testing.T, e string, s *local.Server)) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) { test(t, e, sharedOf(t, e)) })
	}
}

// console sends statements to a server, and answers the rows of a query with one column, as text.
type console func(statement string) ([]string, error)

// connect opens a session on a server, as its superuser.
func connect(t *testing.T, s *local.Server) console {
	t.Helper()
	if s.Binary().Program.Name == "postgres" {
		c, err := pgx.Connect(t.Context(), s.DSN())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(context.Background()) })
		return func(statement string) ([]string, error) {
			// The simple protocol answers in text, whatever the type.
			rows, err := c.Query(context.Background(), statement, pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		}
	}
	db, err := sql.Open("mysql", s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return func(statement string) ([]string, error) {
		rows, err := db.QueryContext(context.Background(), statement)
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }() // its error is that of Err
		var all []string
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		return all, rows.Err()
	}
}

func execAll(t *testing.T, c console, statements ...string) {
	t.Helper()
	for _, q := range statements {
		texts(t, c, q)
	}
}

func texts(t *testing.T, c console, query string) []string {
	t.Helper()
	all, err := c(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

// leftovers are the schemas or databases that runs made on a server and have not dropped.
func leftovers(t *testing.T, db console, e string) []string {
	t.Helper()
	return texts(t, db, map[string]string{
		"postgres": `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'lastseat\_%'`,
		"mariadb":  `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'lastseat\_%'`,
		"mysql":    `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'lastseat\_%'`,
	}[e])
}

// dsnOf is a server's DSN for another user, whose password may follow the name after a colon.
func dsnOf(s *local.Server, user string) string {
	old := "root"
	if s.Binary().Program.Name == "postgres" {
		old = "postgres"
	}
	return strings.Replace(s.DSN(), old+":"+s.Password()+"@", user+"@", 1)
}

// mortal is a server of a test's own, which it may kill.
func mortal(t *testing.T, e string) *local.Server {
	t.Helper()
	s, err := local.Start(t.Context(), program(t, e), local.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}
