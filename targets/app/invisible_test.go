package app_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// through lets all pass.
type through struct{}

func (through) Arrived(*proxy.Batch) <-chan struct{} { return nil }
func (through) Answered(*proxy.Batch)                {}

// script is a database's statements, before and after there are gates.
func script(t *testing.T, engine string) (before, after []string) {
	t.Helper()
	if engine == "mariadb" {
		engine = "mysql"
	}
	text, err := os.ReadFile("testdata/gates/" + engine + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	at := slices.Index(lines, "-- gates")
	return lines[:at], lines[at+1:]
}

// answers are what a program is told by a script, statement by statement; install is called where its tables are made.
func answers(t *testing.T, server database.Server, engine, name string, install func(database.Database)) (all []string) {
	t.Helper()
	db, err := server.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	before, after := script(t, engine)
	for _, q := range before {
		if err := db.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	install(db)
	conn := connect(t, db, engine)
	for _, q := range after {
		all = append(all, q+" → "+strings.ReplaceAll(answer(t, conn, engine, q), name, "database"))
	}
	return all
}

// connect is a program's connection.
func connect(t *testing.T, db database.Database, engine string) *sql.Conn {
	t.Helper()
	to, err := db.Proxied(database.Sessions{})
	if err != nil {
		t.Fatal(err)
	}
	account, err := proxy.NewAccount()
	if err != nil {
		t.Fatal(err)
	}
	p, err := proxy.New(t.Context(), "127.0.0.1:0", to, account, through{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	u := db.URL(p.Address().String(), url.UserPassword(account.User, account.Password))
	driver, dsn := "pgx", u.String()
	if engine != "postgres" {
		cfg := mysqldriver.NewConfig()
		cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		cfg.Passwd, _ = u.User.Password()
		driver, dsn = "mysql", cfg.FormatDSN()
	}
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pool.Close() // what it was told is known
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// answer is what a statement is answered: rows, or how many were changed and which key was given; what it warns of; its error.
func answer(t *testing.T, conn *sql.Conn, engine, q string) string {
	t.Helper()
	if verb, _, _ := strings.Cut(q, " "); verb == "SELECT" || verb == "SHOW" || strings.Contains(q, "RETURNING") {
		return rowsOf(conn.QueryContext(t.Context(), q))
	}
	if data, ok := strings.CutPrefix(q, "COPY parent FROM "); ok {
		return copied(t, conn, data)
	}
	r, err := conn.ExecContext(t.Context(), q)
	text := fmt.Sprint(err)
	if err == nil {
		n, _ := r.RowsAffected()
		id, _ := r.LastInsertId()
		text = fmt.Sprintf("%d rows, id %d", n, id)
	}
	if engine == "postgres" {
		return text
	}
	return text + "; " + rowsOf(conn.QueryContext(t.Context(), "SHOW WARNINGS")) + rowsOf(conn.QueryContext(t.Context(), "SELECT last_insert_id()"))
}

// copied is what COPY is answered.
func copied(t *testing.T, conn *sql.Conn, rows string) (text string) {
	t.Helper()
	if err := conn.Raw(func(c any) error {
		tag, err := c.(*stdlib.Conn).Conn().PgConn().CopyFrom(t.Context(), strings.NewReader(strings.ReplaceAll(rows, "|", "\n")), "COPY parent (name, n) FROM STDIN (FORMAT csv)")
		text = fmt.Sprint(tag, err)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return text
}

func rowsOf(rows *sql.Rows, err error) string {
	if err != nil {
		return err.Error()
	}
	defer func() { _ = rows.Close() }() // it was read
	columns, err := rows.Columns()
	text := fmt.Sprint(columns)
	for rows.Next() {
		values, places := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		err = errors.Join(err, rows.Scan(places...))
		text += fmt.Sprint(values)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		text += err.Error()
	}
	return text
}

// TestInvisibleGates: a program is told the same with gates and without, byte by byte, and the catalog does not have them. A trigger that
// is seen is noticed.
func TestInvisibleGates(t *testing.T) {
	t.Parallel()
	seen := map[string]string{
		"postgres": `CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$;
			CREATE TRIGGER odd BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION odd()`,
		"mariadb": "CREATE TRIGGER odd BEFORE INSERT ON child FOR EACH ROW INSERT INTO log (what) VALUES ('odd')",
		"mysql":   "CREATE TRIGGER odd BEFORE INSERT ON child FOR EACH ROW INSERT INTO log (what) VALUES ('odd')",
	}
	for _, e := range targets.Programs() {
		if e.Unwired {
			continue // it has no gates
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			server := serverOf(t, &e)
			plain := answers(t, server, e.Name, "lastseat_app_plain", func(database.Database) {})
			gated := answers(t, server, e.Name, "lastseat_app_gated", func(db database.Database) {
				was, err := db.Catalog(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := db.InstallGates(t.Context()); err != nil {
					t.Fatal(err)
				}
				if is, err := db.Catalog(t.Context()); err != nil || !reflect.DeepEqual(is, was) {
					t.Errorf("%v, the catalog with gates: %+v, want %+v", err, is, was)
				}
			})
			for i, want := range plain {
				if gated[i] != want {
					t.Errorf("with gates    %s\nwithout gates %s", gated[i], want)
				}
			}
			wrong := answers(t, server, e.Name, "lastseat_app_wrong", func(db database.Database) {
				if err := db.Exec(t.Context(), seen[e.Name]); err != nil {
					t.Fatal(err)
				}
			})
			if slices.Equal(wrong, plain) {
				t.Error("a trigger that changes something is not noticed")
			}
		})
	}
}

// serverOf is a throwaway server of an engine.
func serverOf(t *testing.T, e *database.Engine) database.Server {
	t.Helper()
	server, err := e.Open(t.Context(), "", false)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, e.Name, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}
