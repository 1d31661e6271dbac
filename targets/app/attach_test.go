package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// seller is a program that somebody else runs.
type seller struct {
	pool  *pgxpool.Pool
	mutex sync.Mutex
}

// buy sells the last hat: it looks, and then writes what it has looked at.
func (s *seller) buy(ctx context.Context, how string) (sold bool, err error) {
	if how == "mutex" {
		s.mutex.Lock()
		defer s.mutex.Unlock()
	}
	if how == "parallel" {
		var others sync.WaitGroup
		for _, q := range []string{"SELECT count(*) FROM orders", "SELECT count(*) FROM stock"} {
			others.Go(func() { _, _ = s.pool.Exec(ctx, q) })
		}
		others.Wait()
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		query := "SELECT left_over FROM stock WHERE item = 'hat'"
		if how == "lock" {
			query += " FOR UPDATE"
		}
		var left int
		if err := tx.QueryRow(ctx, query).Scan(&left); err != nil || left < 1 {
			return err
		}
		sold = true
		if _, err := tx.Exec(ctx, "UPDATE stock SET left_over = $1 WHERE item = 'hat'", left-1); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO orders (customer, item) VALUES ('x', 'hat')")
		return err
	})
	return sold, err
}

// ServeHTTP implements http.Handler.
func (s *seller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		return
	}
	sold, err := s.buy(r.Context(), strings.TrimPrefix(r.URL.Path, "/"))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case !sold:
		w.WriteHeader(http.StatusConflict)
	}
}

// TestAttach: one running program for all clients. A racy one is accused, a mended one is not, and where it is not known whose a
// statement is, nothing is decided.
func TestAttach(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		connections int32
		want        harness.Verdict
		why         string
	}{
		"racy": {4, harness.Unsafe, ""}, "lock": {4, harness.Safe, ""},
		"one":      {1, harness.Inconclusive, "a request waited inside the program"},
		"mutex":    {4, harness.Inconclusive, "a request waited inside the program"},
		"parallel": {6, harness.Inconclusive, "whose statement it was is a guess"}, // for several under way at once, or, on a busy machine, a wait
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &seller{}
			server := httptest.NewUnstartedServer(s)
			address := "http://" + server.Listener.Addr().String()
			text := "database: postgres\nsetup: |\n  CREATE TABLE stock (item TEXT PRIMARY KEY, left_over INT); CREATE TABLE orders (id SERIAL PRIMARY KEY, customer TEXT, item TEXT)\n" +
				"seed: INSERT INTO stock VALUES ('hat', 1)\nattach: " + address + "\nready: /\noperations: {buy: POST /" + name + "}\n"
			file, err := spec.Parse("shop.yaml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			opt := app.Options{Attach: func(line string) {
				cfg, err := pgxpool.ParseConfig(strings.TrimPrefix(line, "DATABASE_URL="))
				if err != nil {
					t.Error(err)
					return
				}
				cfg.MaxConns = c.connections
				if s.pool, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
					t.Error(err)
				}
				server.Start()
			}}
			defer func() {
				server.Close()
				s.pool.Close()
			}()
			p := open(t, file, opt)
			x := explorer(p, "buy")
			x.Apart = time.Millisecond // there are no times in the tables
			pairs, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			got := &pairs[0]
			t.Logf("%s: %d schedules, %d break; %s", got.Verdict, got.Run, got.Breaking, got.Why)
			if got.Verdict != c.want || !strings.Contains(got.Why, c.why) {
				t.Errorf("%s (%s), want %s (%s)", got.Verdict, got.Why, c.want, c.why)
			}
		})
	}
}

// TestAttachElsewhere: a program that runs already, and has not been started with the address, is asked nothing.
func TestAttachElsewhere(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Method }))
	defer server.Close()
	file, err := spec.Parse("shop.yaml", []byte("database: postgres\nsetup: CREATE TABLE t (x INT)\nattach: "+server.URL+"\noperations: {buy: POST /buy}\n"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opt := app.Options{Attach: func(string) { time.AfterFunc(300*time.Millisecond, cancel) }}
	if err := openErr(ctx, t, file, opt); err == nil || !strings.Contains(err.Error(), "did not connect to the address") {
		t.Errorf("%v: want that it did not connect", err)
	}
	if len(asked) > 0 {
		t.Errorf("it was asked %s", <-asked)
	}
}

// lines is what a command prints, line by line.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// TestProxyAlone: a program works behind the wire alone, and how much came is said at the end.
func TestProxyAlone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, done := make(lines, 10), make(chan error, 1)
	go func() { done <- app.Proxy(ctx, engines(), "postgres", "127.0.0.1:0", app.Recording{}, out) }()
	var first string
	select {
	case first = <-out:
	case err := <-done:
		skipMissing(t, "postgres", err)
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(first), "DATABASE_URL=")
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := c.QueryRow(ctx, "SELECT 42").Scan(&n); err != nil || n != 42 {
		t.Error(n, err)
	}
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if last := <-out; !strings.HasPrefix(last, "Came through: statements ") || strings.HasPrefix(last, "Came through: statements 0,") {
		t.Error(fmt.Sprint(last))
	}
}

func engines() []database.Engine { return targets.Programs() }

func skipMissing(t *testing.T, engine string, err error) {
	t.Helper()
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, engine, missing.Hint)
	}
}

func openErr(ctx context.Context, t *testing.T, s *spec.Spec, opt app.Options) error {
	t.Helper()
	opt.Engines = engines()
	p, err := app.Open(ctx, s, opt)
	if closed := p.Close(context.Background()); closed != nil {
		t.Error(closed)
	}
	skipMissing(t, s.Database, err)
	return err
}
