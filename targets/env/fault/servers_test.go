package fault_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets/env/fault"
	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
	"github.com/lastseat/lastseat/targets/wire"
)

// client is one connection to a real server through a Network.
type client interface {
	exec(sql string, args ...any) error
	count() int // of rows in table seats
	close()
}

type pgClient struct{ c *pgx.Conn }

func (p pgClient) exec(sql string, args ...any) error {
	_, err := p.c.Exec(context.Background(), sql, args...)
	return err
}

func (p pgClient) count() (n int) {
	if p.c.QueryRow(context.Background(), "SELECT COUNT(*) FROM seats").Scan(&n) != nil {
		return -1
	}
	return n
}

func (p pgClient) close() { _ = p.c.Close(context.Background()) }

type myClient struct {
	db *sql.DB
	c  *sql.Conn
}

func (m myClient) exec(sql string, args ...any) error {
	_, err := m.c.ExecContext(context.Background(), sql, args...)
	return err
}

func (m myClient) count() (n int) {
	if m.c.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM seats").Scan(&n) != nil {
		return -1
	}
	return n
}

func (m myClient) close() {
	_ = m.c.Close()
	_ = m.db.Close()
}

// connect opens a connection through the network.
func connect(t *testing.T, s *local.Server, n *fault.Network) client {
	t.Helper()
	if s.Binary().Program.Name == "postgres" {
		// It would rather be encrypted.
		cfg, err := pgx.ParseConfig(strings.Replace(s.DSN(), "sslmode=disable", "sslmode=prefer", 1))
		if err != nil {
			t.Fatal(err)
		}
		cfg.DialFunc = n.Dial
		c, err := pgx.ConnectConfig(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pgClient{c}.close)
		return pgClient{c}
	}
	cfg, err := mysqldriver.ParseDSN(s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	cfg.DBName, cfg.TLSConfig, cfg.AllowFallbackToPlaintext, cfg.Logger = "shop", "preferred", true, &mysqldriver.NopLogger{}
	cfg.DialFunc = n.Dial
	connector, err := mysqldriver.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m := myClient{db: sql.OpenDB(connector)}
	if m.c, err = m.db.Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	return m
}

// programOf is the server program of an engine.
func programOf(e string) local.Program {
	return map[string]local.Program{"postgres": postgres.Program(), "mysql": mysql.Mysqld(), "mariadb": mysql.Mariadbd()}[e]
}

// start is a real server with an empty table, and the protocol that it speaks.
func start(t *testing.T, e string) (*local.Server, wire.Protocol) {
	t.Helper()
	b, err := local.Find(t.Context(), programOf(e))
	var missing *local.NotFoundError
	if errors.As(err, &missing) {
		required.Missing(t, e, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := local.Start(t.Context(), b, local.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	if e == "postgres" {
		return s, wire.Postgres()
	}
	db, err := sql.Open("mysql", s.DSN())
	if err == nil {
		_, err = db.ExecContext(t.Context(), "CREATE DATABASE shop")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return s, wire.MySQL()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestCutCommits: on real servers, every kind of commit is cut off from its answer and has happened, and nothing else is cut.
func TestCutCommits(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(e, func(t *testing.T) {
			s, protocol := start(t, e)
			p := network(t, protocol)
			c := connect(t, s, p)
			must(t, c.exec("DROP TABLE IF EXISTS seats"))
			must(t, c.exec("CREATE TABLE seats (n INT)"))
			stop := p.CutCommits(1, 1)
			for _, sql := range []string{
				"INSERT INTO seats SELECT 1 WHERE 1 = 0", "UPDATE seats SET n = 2", "SET @nothing = 1", "BEGIN",
				"INSERT INTO seats VALUES (1)", "SELECT n FROM seats", "ROLLBACK",
			} {
				if e == "postgres" && strings.HasPrefix(sql, "SET @") {
					continue
				}
				if err := c.exec(sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			arg := "?"
			if e == "postgres" {
				arg = "$1"
			}
			for i, commit := range []func(c client) error{
				func(c client) error { return c.exec("INSERT INTO seats VALUES (1)") },
				func(c client) error { return c.exec("INSERT INTO seats VALUES ("+arg+")", 2) },
				func(c client) error {
					must(t, c.exec("BEGIN"))
					must(t, c.exec("INSERT INTO seats VALUES ("+arg+")", 3))
					return c.exec("COMMIT")
				},
			} {
				if err := commit(c); err == nil {
					t.Errorf("commit %d was answered", i)
				}
				c = connect(t, s, p)
				if n := c.count(); n != i+1 {
					t.Errorf("after commit %d: %d rows", i, n)
				}
			}
			if n := p.Struck(); n != 3 {
				t.Errorf("%d commits cut off", n)
			}
			stop()
			must(t, c.exec("DELETE FROM seats"))
			if n := c.count(); n != 0 {
				t.Errorf("%d rows", n)
			}
		})
	}
}

// TestLargePacketsPass: what is longer than a packet of MySQL's passes, and commits are seen afterwards.
func TestLargePacketsPass(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(e, func(t *testing.T) {
			s, protocol := start(t, e)
			p := network(t, protocol)
			c := connect(t, s, p)
			if e != "postgres" {
				must(t, c.exec("SET GLOBAL max_allowed_packet = 67108864"))
				c = connect(t, s, p)
			}
			must(t, c.exec("DROP TABLE IF EXISTS seats"))
			must(t, c.exec("CREATE TABLE seats (n INT)"))
			if err := c.exec("SELECT '" + strings.Repeat("COMMIT ", 17<<20/7) + "'"); err != nil {
				t.Error(err)
			}
			p.CutCommits(1, 1)
			if err := c.exec("INSERT INTO seats VALUES (1)"); err == nil {
				t.Error("the commit was answered")
			}
		})
	}
}
