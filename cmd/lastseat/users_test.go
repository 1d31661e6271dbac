package main

// What is the user's stays as it is, whatever lastseat is asked to do on the user's server.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/explore/owncode/pgxcode"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/postgres"
)

// usersTables are names that lastseat uses as well.
var usersTables = []string{"stock", "orders", "ticket", "account", "entry", "requests", "register", "list", "seat", "lastseat_run"}

// users is a database of the user's.
type users struct {
	t    *testing.T
	name string
	db   console // on its server
	sum  string  // a query that answers what each table is, and holds
	want []string
}

// newUsers makes a user's database, with tables in it.
func newUsers(t *testing.T, e string, s *local.Server) (u *users, dsn string) {
	t.Helper()
	u = &users{t: t, name: "mine"}
	server := connect(t, s)
	execAll(t, server, "DROP DATABASE IF EXISTS mine", "CREATE DATABASE mine")
	dsn = inDatabase(t, e, s.DSN(), "mine")
	u.db = server
	if e == "postgres" {
		u.db = consoleAt(t, dsn)
	}
	var sums []string
	for _, table := range usersTables {
		name := table
		if e != "postgres" {
			name = "mine." + table
		}
		execAll(t, u.db,
			fmt.Sprintf("CREATE TABLE %s (id BIGINT PRIMARY KEY, available BIGINT, version BIGINT, val BIGINT)", name),
			fmt.Sprintf("INSERT INTO %s VALUES (0, 7, 0, 1), (1, 8, 0, 2), (2, 9, 0, 3)", name))
		if e == "postgres" {
			sums = append(sums, fmt.Sprintf("SELECT '%s ' || 'public.%s'::regclass::oid || ' ' || string_agg(t::text || xmin, ' ' ORDER BY id) FROM public.%s t", table, table, table))
		} else {
			sums = append(sums, fmt.Sprintf("SELECT CONCAT('%s ', GROUP_CONCAT(CONCAT_WS(',', id, available, version, val) ORDER BY id)) FROM %s", table, name))
		}
	}
	u.sum = strings.Join(sums, " UNION ALL ")
	u.want = texts(t, u.db, u.sum)
	return u, dsn
}

// untouched checks that all is as it was.
func (u *users) untouched(after string) {
	u.t.Helper()
	if got, err := u.db(u.sum); err != nil || !slices.Equal(got, u.want) {
		u.t.Fatalf("after %s the user's tables are not what they were: %v\n%q\nwant\n%q", after, err, got, u.want)
	}
}

func inDatabase(t *testing.T, e string, dsn, name string) string {
	t.Helper()
	if e == "postgres" {
		return strings.Replace(dsn, "/postgres?", "/"+name+"?", 1)
	}
	cfg, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DBName = name
	return cfg.FormatDSN()
}

func consoleAt(t *testing.T, dsn string) console {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return func(statement string) ([]string, error) {
		rows, err := c.Query(t.Context(), statement, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
}

// attacked is a schedule that would change the user's tables, were it run where they are.
const attacked = `name: attacked
setup:
  CREATE TABLE stock (id INT PRIMARY KEY, n INT)
  INSERT INTO stock VALUES (7, 1)
steps:
  T1 UPDATE stock SET n = 0
  T1 DELETE FROM stock
  T1 DROP TABLE stock
`

// commands are all those that take a DSN.
func commands(t *testing.T, e string, dsn string) [][]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "attacked.schedule")
	if err := os.WriteFile(file, []byte(attacked), 0o600); err != nil {
		t.Fatal(err)
	}
	on := []string{"--target", e, "--dsn", dsn}
	all := [][]string{
		{"run", "--workload", "seats,transfer", "-n", "100", "-c", "4", "--isolation", "default,ser"},
		{"run", "--workload", "append,register,predicate", "-n", "100", "-c", "4"},
		{"run", "--workload", "seats", "-n", "100", "-c", "4", "--strategy", "for-update,optimistic,unique-slot", "--retry", "all", "--fault", "cut-after-commit"},
		{"explore", "--workload", "seats", "--strategy", "naive-tx,for-update,single-statement,unique-slot", "--clients", "2", "--budget", "50"},
		{"isolation", "--isolation", "rc"},
		{"replay", file},
		{"clean"},
		{"clean", "--dry-run"},
	}
	for i := range all {
		all[i] = append(all[i], on...)
	}
	return append(all, []string{"servers"})
}

// TestUsersTables: tables under names that lastseat uses, in the database that the DSN names, are what they were after every command.
func TestUsersTables(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			u, dsn := newUsers(t, e, s)
			for _, args := range commands(t, e, dsn) {
				p := begin(t, "", args...)
				ends(p, 0, 1, 3)
				u.untouched(strings.Join(args[:1], " "))
			}
			if left := leftovers(t, u.db, e); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// ends waits for a program's end with one of several exit codes.
func ends(p *process, codes ...int) {
	p.t.Helper()
	_ = p.cmd.Wait() // the exit code says the same
	if got := p.cmd.ProcessState.ExitCode(); !slices.Contains(codes, got) {
		p.t.Errorf("%v: exit code %d, want one of %d", p.cmd.Args, got, codes)
	}
}

// TestPooler: behind a pooler the user's tables are what they were after every command, nothing is left on the pooler's sessions, and
// what cannot work there is refused or skipped with the reason.
func TestPooler(t *testing.T) {
	t.Parallel()
	s := mortal(t, "postgres")
	u, _ := newUsers(t, "postgres", s)
	for _, p := range poolers() {
		t.Run(p.String(), func(t *testing.T) {
			u := &users{t, u.name, u.db, u.sum, u.want}
			dsn := p.before(t, s, u.name)
			for _, args := range commands(t, "postgres", dsn) {
				run := begin(t, "", args...)
				switch {
				case args[0] == "isolation" || args[0] == "replay":
					run.exits(suite.ExitSetup, "SQL without schema names is refused", "name the server itself in the DSN")
				case args[0] == "explore" && p.mode == "transaction":
					run.exits(suite.ExitSetup, "statements cannot be stepped one by one through a pooler", "name the server itself in the DSN")
				case args[0] == "run" && strings.Contains(args[2], "seats,"):
					ends(run, 0, 3)
					run.exits(run.cmd.ProcessState.ExitCode(), "behind a pooler ("+p.mode+" pooling)")
				default:
					ends(run, 0, 3)
				}
				u.untouched(strings.Join(args, " "))
			}
			begin(t, "", "run", "--workload", "seats", "--strategy", "advisory", "--target", "postgres", "--dsn", dsn).
				exits(suite.ExitInconclusive, "its locks belong to a session")
			usersCode(t, dsn)
			u.untouched("code of one's own")
			if left := leftovers(t, u.db, "postgres"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			nothingLeft(t, u.db, dsn)
		})
	}
}

// usersCode is code that names tables without a schema.
func usersCode(t *testing.T, dsn string) {
	t.Helper()
	server, err := postgres.Engine().Open(t.Context(), store.OpenConfig{DSN: dsn, Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	nothing := func(context.Context, *pgxpool.Pool) error { return nil }
	_, err = owncode.Explore(t.Context(), server, owncode.Code[*pgxpool.Pool]{
		Open: pgxcode.Pool(), Reset: pgxcode.SQL("DELETE FROM stock"), Clients: []func(context.Context, *pgxpool.Pool) error{nothing, nothing},
		Check: func(context.Context, *pgxpool.Pool, []error) error { return nil },
	})
	if !errors.Is(err, store.ErrHome) {
		t.Errorf("code of one's own: %v", err)
	}
}

// nothingLeft asks every session that the pooler keeps.
func nothingLeft(t *testing.T, db console, dsn string) {
	t.Helper()
	if locks := texts(t, db, "SELECT pid::text FROM pg_locks WHERE locktype = 'advisory'"); len(locks) > 0 {
		t.Errorf("advisory locks of sessions %v", locks)
	}
	const left = "SELECT concat_ws(' ', pg_backend_pid(), current_setting('search_path'), current_setting('lock_timeout'), " +
		"current_setting('default_transaction_isolation'), (SELECT COUNT(*) FROM pg_prepared_statements), current_setting('application_name'))"
	sessions := map[string]bool{}
	for range 10 { // each holds a transaction, and with it a session
		c := consoleAt(t, dsn)
		execAll(t, c, "BEGIN")
		pid, rest, _ := strings.Cut(texts(t, c, left)[0], " ")
		sessions[pid] = true
		if rest != `"$user", public 0 read committed 0` && rest != `"$user", public 0 read committed 0 ` {
			t.Errorf("session %s is left with: %s", pid, rest)
		}
	}
	if len(sessions) != 10 {
		t.Errorf("%d sessions looked at, want 10", len(sessions))
	}
}
