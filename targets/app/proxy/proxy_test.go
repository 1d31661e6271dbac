package proxy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// watcher writes down what passes, and holds what hold says.
type watcher struct {
	mu   sync.Mutex
	done []*proxy.Batch
	hold func(*proxy.Batch) <-chan struct{}
}

func (w *watcher) Arrived(b *proxy.Batch) <-chan struct{} {
	if w.hold != nil {
		return w.hold(b)
	}
	return nil
}

func (w *watcher) Answered(b *proxy.Batch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = append(w.done, b)
}

// told is what it was told of so far.
func (w *watcher) told() []*proxy.Batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.done)
}

// front is a proxy before a database of its own.
type front struct {
	*proxy.Proxy
	watcher
	server  database.Server
	db      database.Database
	account *proxy.Account
	url     string // for programs
}

// engineOf opens an engine's server: a throwaway one where there is no URL.
func engineOf(t testing.TB, name, dsn string) database.Server {
	t.Helper()
	i := slices.IndexFunc(targets.Programs(), func(e database.Engine) bool { return e.Name == name })
	s, err := targets.Programs()[i].Open(t.Context(), dsn, false)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, name, missing.Hint)
	}
	must(t, err)
	t.Cleanup(func() { must(t, s.Close(context.Background())) })
	return s
}

// before starts a proxy before a new database of a server.
func before(t testing.TB, s database.Server, name string, level harness.Level) *front {
	t.Helper()
	db, err := s.Create(t.Context(), name)
	must(t, err)
	to, err := db.Proxied(database.Sessions{Level: level})
	must(t, err)
	account, err := proxy.NewAccount()
	must(t, err)
	f := &front{server: s, db: db, account: account}
	f.Proxy, err = proxy.New(t.Context(), "127.0.0.1:0", to, account, &f.watcher, 5)
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	f.url = db.URL(f.Address().String(), url.UserPassword(account.User, account.Password)).String()
	return f
}

// troubled waits until a program was refused, and says why: it may know of it first.
func (f *front) troubled(t *testing.T, want string) {
	t.Helper()
	var err error
	for range 2000 {
		if err = f.Trouble(); err != nil && strings.Contains(err.Error(), want) {
			return
		}
		_ = harness.Sleep(t.Context(), time.Millisecond)
	}
	t.Errorf("%v, want %q", err, want)
}

func pgConfig(t testing.TB, dsn string) *pgx.ConnConfig {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	must(t, err)
	return cfg
}

// myConfig reads a URL as programs get it.
func myConfig(t testing.TB, dsn string) *mysqldriver.Config {
	t.Helper()
	u, err := url.Parse(dsn)
	must(t, err)
	cfg := mysqldriver.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.DBName = "tcp", u.Host, u.User.Username(), strings.TrimPrefix(u.Path, "/")
	cfg.Passwd, _ = u.User.Password()
	cfg.Logger = &mysqldriver.NopLogger{}
	return cfg
}

func myOpen(t testing.TB, cfg *mysqldriver.Config) *sql.DB {
	t.Helper()
	c, err := mysqldriver.NewConnector(cfg)
	must(t, err)
	db := sql.OpenDB(c)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// myText is the one value that a query returns, or the error.
func myText(t testing.TB, db *sql.DB, query string) string {
	t.Helper()
	var name, text sql.NullString
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all []string
	for rows.Next() {
		into := []any{&name, &text}[:len(columns)]
		must(t, rows.Scan(into...))
		if len(columns) == 1 {
			text = name
		}
		all = append(all, text.String)
	}
	must(t, rows.Err())
	return strings.Join(all, " ")
}

// TestAccount: a program gets in with the account that it was given, to its own database, and with nothing else.
func TestAccount(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		f := before(t, engineOf(t, "postgres", ""), "lastseat_app_account", harness.RepeatableRead)
		for name, c := range map[string]struct {
			change func(*pgx.ConnConfig)
			code   string
			says   string
		}{
			"right":          {func(*pgx.ConnConfig) {}, "", ""},
			"wrong password": {func(c *pgx.ConnConfig) { c.Password = "guessed" }, "28P01", `logs in as "lastseat", or with a password, other than`},
			"wrong user":     {func(c *pgx.ConnConfig) { c.User = "postgres" }, "28P01", `logs in as "postgres"`},
			"wrong database": {func(c *pgx.ConnConfig) { c.Database = "postgres" }, "3D000", `asks for the database "postgres" and was given "lastseat_app_account"`},
			"replication":    {func(c *pgx.ConnConfig) { c.RuntimeParams["replication"] = "database" }, "08006", "wants to replicate"},
		} {
			t.Run(name, func(t *testing.T) {
				cfg := pgConfig(t, f.url)
				c.change(cfg)
				conn, err := pgx.ConnectConfig(t.Context(), cfg)
				if c.code != "" {
					if err == nil || !strings.Contains(err.Error(), c.code) {
						t.Errorf("%v, want %s", err, c.code)
					}
					f.troubled(t, c.says)
					return
				}
				must(t, err)
				defer func() { must(t, conn.Close(t.Context())) }()
				var level string
				must(t, conn.QueryRow(t.Context(), "SHOW transaction_isolation").Scan(&level))
				if level != "repeatable read" {
					t.Errorf("at %s", level)
				}
			})
		}
	})
	for _, engine := range []string{"mysql", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			f := before(t, engineOf(t, engine, ""), "lastseat_app_account", harness.ReadCommitted)
			variable := map[string]string{"mysql": "@@transaction_isolation", "mariadb": "@@tx_isolation"}[engine]
			if got := myText(t, myOpen(t, myConfig(t, f.url)), "SELECT "+variable); got != "READ-COMMITTED" {
				t.Errorf("at %s", got)
			}
			for name, c := range map[string]struct {
				change func(*mysqldriver.Config)
				code   string
				says   string
			}{
				"wrong password": {func(c *mysqldriver.Config) { c.Passwd = "guessed" }, "Error 1045 (28000)", `logs in as "lastseat", or with a password, other than`},
				"no password":    {func(c *mysqldriver.Config) { c.Passwd = "" }, "Error 1045 (28000)", `logs in as "lastseat", or with a password, other than`},
				"wrong user":     {func(c *mysqldriver.Config) { c.User = "root" }, "Error 1045 (28000)", `logs in as "root"`},
				"wrong database": {func(c *mysqldriver.Config) { c.DBName = "mysql" }, "Error 1049 (42000)", `asks for the database "mysql" and was given "lastseat_app_account"`},
			} {
				t.Run(name, func(t *testing.T) {
					cfg := myConfig(t, f.url)
					c.change(cfg)
					if err := myOpen(t, cfg).PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), c.code) {
						t.Errorf("%v, want %s", err, c.code)
					}
					f.troubled(t, c.says)
				})
			}
		})
	}
}

// TestTLS: TLS ends at the proxy. Who verifies its certificate is told what to do.
func TestTLS(t *testing.T) {
	const untrusted = "does not trust the certificate of lastseat's proxy"
	t.Run("postgres", func(t *testing.T) {
		f := before(t, engineOf(t, "postgres", ""), "lastseat_app_tls", "")
		ca := filepath.Join(t.TempDir(), "ca.pem")
		must(t, os.WriteFile(ca, f.account.CA, 0o600))
		for mode, works := range map[string]bool{
			"sslmode=require": true, "sslmode=verify-full&sslrootcert=" + url.QueryEscape(ca): true, "sslmode=prefer": true,
			"sslmode=require&sslnegotiation=direct": true, "sslmode=verify-full": false,
		} {
			cfg := pgConfig(t, strings.Replace(f.url, "sslmode=disable", mode, 1))
			conn, err := pgx.ConnectConfig(t.Context(), cfg)
			if !works {
				if err == nil {
					t.Errorf("%s: in", mode)
				}
				f.troubled(t, untrusted)
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", mode, err)
				continue
			}
			var one int
			must(t, conn.QueryRow(t.Context(), "SELECT 1").Scan(&one))
			if _, ok := conn.PgConn().Conn().(*tls.Conn); !ok {
				t.Errorf("%s: not encrypted", mode)
			}
			must(t, conn.Close(t.Context()))
		}
	})
	for _, engine := range []string{"mysql", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			f := before(t, engineOf(t, engine, ""), "lastseat_app_tls", "")
			pool := x509.NewCertPool()
			pool.AppendCertsFromPEM(f.account.CA)
			for name, c := range map[string]struct {
				tls   *tls.Config
				works bool
			}{"not verified": {&tls.Config{InsecureSkipVerify: true}, true}, "trusted": {&tls.Config{RootCAs: pool}, true}, "untrusted": {&tls.Config{}, false}} {
				cfg := myConfig(t, f.url)
				cfg.TLS = c.tls
				db := myOpen(t, cfg)
				switch err := db.PingContext(t.Context()); {
				case c.works && err != nil:
					t.Errorf("%s: %v", name, err)
				case !c.works && err == nil:
					t.Errorf("%s: in", name)
				case !c.works:
					f.troubled(t, untrusted)
				case myText(t, db, "SELECT 1") != "1":
					t.Errorf("%s: no answer", name)
				}
			}
		})
	}
}
