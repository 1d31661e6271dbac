package wire_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/targets/wire"
)

// TestPostgresServer: in every way in which pgx asks, statements are named with their parameters, and answers are what pgx says.
func TestPostgresServer(t *testing.T) {
	s := start(t, "postgres")
	for name, mode := range map[string]pgx.QueryExecMode{
		"cached": pgx.QueryExecModeCacheStatement, "described": pgx.QueryExecModeCacheDescribe, "at once": pgx.QueryExecModeExec, "simple": pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			cfg, err := pgx.ParseConfig(strings.Replace(s.DSN(), "sslmode=disable", "sslmode=prefer", 1))
			must(t, err)
			r := &recorder{protocol: wire.Postgres(), opt: wire.Options{Rows: 100, Bytes: 64 << 20}, address: fmt.Sprintf("%s:%d", cfg.Host, cfg.Port)}
			cfg.DialFunc, cfg.DefaultQueryExecMode = r.dial, mode
			c, err := pgx.ConnectConfig(ctx, cfg)
			must(t, err)
			defer func() {
				_ = c.Close(ctx)
				r.busy.Wait()
			}()
			if got := r.conn.Session(); got.ID != uint64(c.PgConn().PID()) || got.User != cfg.User || got.Server != c.PgConn().ParameterStatus("server_version") {
				t.Errorf("session %+v", got)
			}
			exec := func(q string, args ...any) {
				t.Helper()
				_, err := c.Exec(ctx, q, args...)
				must(t, err)
			}
			exec("DROP TABLE IF EXISTS seats")
			exec("CREATE TABLE seats (n INT PRIMARY KEY, who TEXT)")
			r.heard(t)
			sql := func(q string, args ...any) string { // as the wire has it
				if mode == pgx.QueryExecModeSimpleProtocol {
					for i, a := range args {
						q = strings.Replace(q, fmt.Sprintf("$%d", i+1), fmt.Sprintf(" '%v' ", a), 1)
					}
					return q
				}
				return q + " | " + strings.Trim(strings.ReplaceAll(fmt.Sprint(args), " ", ", "), "[]")
			}
			const insert = "INSERT INTO seats VALUES ($1, $2)"
			exec(insert, int32(1), "ann")
			exec(insert, int32(2), "bob")
			exec("BEGIN")
			exec("UPDATE seats SET who = 'eve' WHERE n = 1")
			exec("COMMIT")
			if _, err := c.Exec(ctx, insert, int32(1), "twice"); err == nil {
				t.Error("twice")
			}
			simple := mode == pgx.QueryExecModeSimpleProtocol
			lines := r.done(t)
			for i, want := range []string{sql(insert, 1, "ann"), sql(insert, 2, "bob"), "BEGIN", "UPDATE seats SET who = 'eve' WHERE n = 1", "COMMIT", sql(insert, 1, "twice")} {
				if i >= len(lines) || !strings.HasPrefix(strings.ReplaceAll(lines[i], "  ", " "), strings.ReplaceAll(want, "  ", " ")) {
					t.Errorf("statement %d: %q, want %q", i, lines, want)
				}
			}
			if len(lines) != 6 || !strings.Contains(lines[5], "error 23505") || simple && !strings.Contains(lines[0], "commit") {
				t.Errorf("%q", lines)
			}
			pgValues(t, c, r, simple)
			pgBatch(t, c, r, simple)
			n, err := c.CopyFrom(ctx, pgx.Identifier{"seats"}, []string{"n", "who"}, pgx.CopyFromRows([][]any{{int32(7), "x"}, {int32(8), "y"}}))
			must(t, err)
			asked, answers := r.heard(t)
			copied, commit := false, false
			for _, q := range asked {
				copied = copied || q.Kind == wire.CopyIn && q.Bytes > 0
				for _, a := range answers[q.ID] {
					commit = commit || a.Commit && a.Ready
				}
			}
			if n != 2 || !copied || !commit {
				t.Errorf("copied %d rows: %v, committed %v", n, copied, commit)
			}
			large := strings.Repeat("x", 17<<20)
			var length int
			must(t, c.QueryRow(ctx, "SELECT length($1::text)", large).Scan(&length))
			if got := r.done(t); length != len(large) || len(got) != 1 || !strings.HasSuffix(got[0], fmt.Sprintf("(%d)", length)) {
				t.Errorf("%d statements, %d bytes", len(got), length)
			}
		})
	}
}

// pgValues reads values of all types that are known, as the server writes them.
func pgValues(t *testing.T, c *pgx.Conn, r *recorder, simple bool) {
	t.Helper()
	const q = "SELECT 7::int2, -8::int4, 9::int8, true, 'text', 0.5::float8, 1.25::float4, -12345678.0900::numeric, 0.0001::numeric, " +
		"'2026-01-02'::date, '2026-01-02 03:04:05.678'::timestamp, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, NULL::int, '{\"a\": 1}'::jsonb"
	const want = "(7, -8, 9, t, text, 0.5, 1.25, -12345678.0900, 0.0001, 2026-01-02, 2026-01-02 03:04:05.678, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, NULL, {\"a\": 1})"
	rows, err := c.Query(t.Context(), q)
	must(t, err)
	rows.Close()
	must(t, rows.Err())
	if got := r.done(t); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("%q, want %q", got, want)
	}
	if simple {
		return
	}
	var n int
	must(t, c.QueryRow(t.Context(), "SELECT 1 WHERE $1::numeric > 0 AND $2::bool AND $3::timestamp > '2020-01-01' AND $4::float8 > 0", "1.50", true, "2026-01-02 03:04:05", 2.5).Scan(&n))
	if got := r.done(t); len(got) != 1 || !strings.Contains(got[0], "| 1.50, t, 2026-01-02 03:04:05, 2.5 => (1)") {
		t.Errorf("%q", got)
	}
}

// pgBatch has several statements on their way at once, of which one fails.
func pgBatch(t *testing.T, c *pgx.Conn, r *recorder, simple bool) {
	t.Helper()
	b := &pgx.Batch{}
	for i := range 3 {
		b.Queue("UPDATE seats SET who = 'batch' WHERE n = $1", int32(i))
	}
	must(t, c.SendBatch(t.Context(), b).Close())
	asked, answers := r.heard(t)
	statements, written := 0, int64(0)
	for _, q := range asked {
		if q.Kind == wire.Execute || q.Kind == wire.Query {
			statements++
		}
		for _, a := range answers[q.ID] {
			written += a.Affected
		}
	}
	if want := map[bool]int{true: 1, false: 3}[simple]; statements != want || written != 2 {
		t.Errorf("%d statements wrote %d rows", statements, written)
	}
}

// TestPsql: psql speaks the simple protocol, with COPY from what it is given.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	s := start(t, "postgres")
	cfg, err := pgx.ParseConfig(s.DSN())
	must(t, err)
	r := &recorder{protocol: wire.Postgres(), opt: wire.Options{Rows: 5}, address: fmt.Sprintf("%s:%d", cfg.Host, cfg.Port)}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	r.busy.Go(func() {
		client, err := l.Accept()
		if err != nil {
			return
		}
		through, err := r.dial(t.Context(), "", "")
		if err != nil {
			_ = client.Close()
			return
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			pump(client, through)
		}()
		pump(through, client)
		<-done
	})
	port := l.Addr().(*net.TCPAddr).Port
	cmd := exec.CommandContext(t.Context(), psql, "-X", "-v", "ON_ERROR_STOP=1", fmt.Sprintf("host=127.0.0.1 port=%d user=%s password=%s dbname=%s", port, cfg.User, cfg.Password, cfg.Database))
	cmd.Stdin = strings.NewReader("CREATE TABLE seats (n int);\nCOPY seats FROM STDIN;\n1\n2\n\\.\nSELECT n FROM seats ORDER BY n;\nUPDATE seats SET n = n + 1;\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r.busy.Wait()
	got := r.done(t)
	if len(got) != 4 || !strings.Contains(got[1], "COPY") || !strings.Contains(got[2], "(1) (2)") || !strings.Contains(got[3], "commit") {
		t.Errorf("%q", got)
	}
}

func pump(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
