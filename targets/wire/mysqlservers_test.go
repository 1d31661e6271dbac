package wire_test

import (
	"context"
	"database/sql"
	"io"
	"slices"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/wire"
)

// mysqlThrough is one connection to a server through a recorder.
func mysqlThrough(t *testing.T, s *local.Server, r *recorder, set func(*mysqldriver.Config)) (*sql.DB, *sql.Conn) {
	t.Helper()
	cfg, err := mysqldriver.ParseDSN(s.DSN())
	must(t, err)
	r.address = cfg.Addr
	cfg.TLSConfig, cfg.AllowFallbackToPlaintext, cfg.Logger = "preferred", true, &mysqldriver.NopLogger{}
	cfg.DialFunc, cfg.Collation = r.dial, "utf8mb4_general_ci"
	set(cfg)
	connector, err := mysqldriver.NewConnector(cfg)
	must(t, err)
	db := sql.OpenDB(connector)
	c, err := db.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() {
		_ = c.Close()
		_ = db.Close()
		r.busy.Wait()
	})
	return db, c
}

// TestMySQLServers: through a recorder, a driver's statements are all named with their parameters, and the answers are what the
// driver says they are.
func TestMySQLServers(t *testing.T) {
	for _, e := range []string{"mariadb", "mysql"} {
		t.Run(e, func(t *testing.T) {
			s := start(t, e, "--local-infile=1", "--max-allowed-packet=67108864")
			r := &recorder{protocol: wire.MySQL(), opt: wire.Options{Rows: 100, Bytes: 64 << 20}}
			_, c := mysqlThrough(t, s, r, func(cfg *mysqldriver.Config) { cfg.MultiStatements = true })
			ctx := t.Context()
			exec := func(q string, args ...any) {
				t.Helper()
				_, err := c.ExecContext(ctx, q, args...)
				must(t, err)
			}
			exec("CREATE DATABASE shop")
			exec("USE shop")
			if got := r.conn.Session(); got.ID == 0 || got.User != "root" || got.Server == "" {
				t.Errorf("session %+v", got)
			}
			exec("CREATE TABLE seats (n INT PRIMARY KEY, who VARCHAR(20), price DECIMAL(8,2), at DATETIME(3), big BIGINT UNSIGNED, ratio DOUBLE, raw VARBINARY(8), day DATE, gap TIME)")
			r.heard(t)

			exec("INSERT INTO seats VALUES (1, 'ann', 9.50, '2026-01-02 03:04:05.678', 18446744073709551615, 0.5, x'00ff', '2026-01-02', '-26:03:04')")
			exec("INSERT INTO seats (n, who, ratio) VALUES (?, ?, ?)", 2, "bob", 1.25)
			exec("INSERT INTO seats (n, who) VALUES (?, ?)", 3, nil)
			exec("BEGIN")
			exec("UPDATE seats SET who = 'eve' WHERE n = ?", -3)
			exec("UPDATE seats SET who = ? WHERE n = 3", "it's; COMMIT")
			exec("COMMIT")
			exec("BEGIN; DELETE FROM seats WHERE n = 3; ROLLBACK")
			_, err := c.ExecContext(ctx, "INSERT INTO seats (n) VALUES (1)")
			if err == nil {
				t.Error("twice")
			}
			expect(t, r.done(t),
				"INSERT INTO seats VALUES (1, 'ann', 9.50, '2026-01-02 03:04:05.678', 18446744073709551615, 0.5, x'00ff', '2026-01-02', '-26:03:04') => wrote commit",
				"INSERT INTO seats (n, who, ratio) VALUES (?, ?, ?) | 2, bob, 1.25 => wrote commit",
				"INSERT INTO seats (n, who) VALUES (?, ?) | 3, NULL => wrote commit",
				"BEGIN => inside", "UPDATE seats SET who = 'eve' WHERE n = ? | -3 => inside", "UPDATE seats SET who = ? WHERE n = 3 | it's; COMMIT => wrote inside", "COMMIT => commit",
				"BEGIN; DELETE FROM seats WHERE n = 3; ROLLBACK => inside => wrote inside",
				"INSERT INTO seats (n) VALUES (1) => error 23000",
			)
			for _, q := range []struct {
				sql  string
				args []any
			}{
				{"SELECT n, who, price, at, big, ratio, day, gap FROM seats ORDER BY n", nil},
				{"SELECT n, who, price, at, big, ratio, day, gap FROM seats WHERE n > ? ORDER BY n", []any{0}},
				{"SELECT who FROM seats WHERE n > ?", []any{100}},
			} {
				rows, err := c.QueryContext(ctx, q.sql, q.args...)
				want := scan(t, rows, err)
				if got := strings.Join(r.done(t), ""); !strings.HasSuffix(got, "=>"+want) && want != "" || want == "" && strings.Contains(got, "(") && len(q.args) == 0 {
					t.Errorf("%s: %q, the driver read %q", q.sql, got, want)
				}
			}
			preparedTwice(t, c, r)
			localFile(t, c, r)
			large := strings.Repeat("x", 17<<20)
			exec("SET @long = '" + large + "'")
			exec("SET @long = ?", large)
			var n int
			must(t, c.QueryRowContext(ctx, "SELECT LENGTH(@long) = ?", len(large)).Scan(&n))
			if lines := r.done(t); len(lines) != 3 || n != 1 || !strings.HasSuffix(lines[2], "=> (1)") {
				t.Errorf("%d statements, %d: %.200q", len(lines), n, lines)
			}
			var back string
			must(t, c.QueryRowContext(ctx, "SELECT @long").Scan(&back))
			exec("UPDATE seats SET who = 'zoe' WHERE n = 1")
			_, answers := r.heard(t)
			wrote := false
			for _, list := range answers {
				for _, a := range list {
					wrote = wrote || a.Commit
					if len(a.Rows) == 1 && a.Rows[0][0].Text != back {
						t.Errorf("a long value of %d bytes was read as %d", len(back), len(a.Rows[0][0].Text))
					}
				}
			}
			if !wrote {
				t.Error("nothing was seen after the long value")
			}
		})
	}
}

// preparedTwice runs a statement several times: its types are sent with the first only.
func preparedTwice(t *testing.T, c *sql.Conn, r *recorder) {
	t.Helper()
	ctx := t.Context()
	st, err := c.PrepareContext(ctx, "SELECT who, ratio FROM seats WHERE n = ? AND who = ?")
	must(t, err)
	defer func() { _ = st.Close() }() // a second time where all went well
	var want []string
	for _, who := range []string{"ann", "bob", "nobody"} {
		rows, err := st.QueryContext(ctx, 1, who)
		want = append(want, strings.TrimSuffix("SELECT who, ratio FROM seats WHERE n = ? AND who = ? | 1, "+who+" =>"+scan(t, rows, err), " "))
	}
	must(t, st.Close())
	expect(t, r.done(t), want...)
}

func localFile(t *testing.T, c *sql.Conn, r *recorder) {
	t.Helper()
	mysqldriver.RegisterReaderHandler("seats", func() io.Reader { return strings.NewReader(strings.Repeat("9\n", 1<<20)) })
	defer mysqldriver.DeregisterReaderHandler("seats")
	_, err := c.ExecContext(context.WithoutCancel(t.Context()), "LOAD DATA LOCAL INFILE 'Reader::seats' INTO TABLE seats (n)")
	must(t, err)
	asked, answers := r.heard(t)
	asked = slices.DeleteFunc(asked, func(q *wire.Request) bool { return q.Kind == wire.Close }) // of the one before
	if len(asked) != 2 || asked[1].Kind != wire.LocalFile || asked[1].Bytes != 2<<20 || len(answers[asked[0].ID]) != 1 || !answers[asked[0].ID][0].Commit {
		for _, q := range asked {
			t.Errorf("asked %+v, answered %d times", *q, len(answers[q.ID]))
		}
	}
}
