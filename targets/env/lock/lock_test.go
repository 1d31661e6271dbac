package lock

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stub is a store that does what its do says.
type stub struct {
	harness.Target
	do func(ctx context.Context, client int, opt *harness.SessionOptions) harness.Result
}

type stubSession struct {
	target *stub
	opt    harness.SessionOptions
}

func (s *stub) Setup(context.Context, harness.State) error { return nil }
func (s *stub) Session(_ context.Context, opt harness.SessionOptions) (harness.Session, error) {
	return &stubSession{s, opt}, nil
}
func (s *stubSession) Close() error { return nil }
func (s *stubSession) Do(ctx context.Context, _ *harness.Op) harness.Result {
	return s.target.do(ctx, s.opt.Client, &s.opt)
}

// noServer is a store that lends nothing.
type noServer struct{ store.Server }

// clients opens sessions of a lock around a stub.
func clients(t *testing.T, name string, n int, traits store.Traits, inner *stub) []harness.Session {
	t.Helper()
	return clientsWith(t, name, n, traits, inner, nil)
}

// clientsWith is clients whose locks are in servers of the user's.
func clientsWith(t *testing.T, name string, n int, traits store.Traits, inner *stub, backends map[string]string) []harness.Session {
	t.Helper()
	all, _, _ := surrounded(t, name, n, traits, inner, backends)
	return all
}

// surrounded is clientsWith, and also the servers that may be killed, and what is kept of the row.
func surrounded(t *testing.T, name string, n int, traits store.Traits, inner *stub, backends map[string]string) ([]harness.Session, []store.Mortal, func() *row) {
	t.Helper()
	d := opened(t, name, store.ComponentOptions{Store: noServer{}, Servers: 1, Clients: n, Backends: backends})
	start := harness.State{Groups: []harness.Group{{Table: "stock", Len: 1}}, Values: []int64{0}}
	spec := store.RowSpec{Start: start, Env: store.Env{Traits: traits}}
	if skip := d.Prepare(&spec); skip != "" {
		t.Fatal(skip)
	}
	target := d.Wrap(inner)
	if err := target.Setup(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	var all []harness.Session
	for i := range n {
		s, err := target.Session(t.Context(), harness.SessionOptions{Client: i})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		all = append(all, s)
	}
	return all, spec.Env.Locks, func() *row { return d.(*instance).row }
}

func buy() *harness.Op { return &harness.Op{Steps: []harness.Step{{Kind: harness.Add, Delta: 1}}} }

// counts has clients count under a lock.
func counts(t *testing.T, all []harness.Session, count *int) {
	t.Helper()
	const each = 10
	var at sync.WaitGroup
	for _, s := range all {
		at.Go(func() {
			for done := 0; done < each; {
				if res := s.Do(t.Context(), buy()); res.Outcome == harness.OK {
					done++
				} else if res.Conflict != harness.LockTimeout {
					t.Errorf("%+v", res)
					return
				}
			}
		})
	}
	at.Wait()
	if *count != len(all)*each {
		t.Errorf("counted %d, want %d", *count, len(all)*each)
	}
}

// TestKeepsOthersOut counts without any protection but the lock.
func TestKeepsOthersOut(t *testing.T) {
	for _, name := range []string{"process-mutex", "redis", "redis-aof", "redlock", "redis-fenced", "redis-sentinel", "redis-sentinel-fenced", "zookeeper", "zookeeper-fenced", "etcd", "etcd-fenced", "redis-no-expiry"} {
		t.Run(name, func(t *testing.T) {
			const many = 8
			count, inside, last := 0, 0, int64(0)
			fenced := strings.HasSuffix(name, "-fenced")
			inner := &stub{do: func(_ context.Context, _ int, opt *harness.SessionOptions) harness.Result {
				if inside++; inside > 1 {
					t.Error("two are in")
				}
				if fenced {
					if token := opt.Fence(); token <= last {
						t.Errorf("token %d after %d", token, last)
					} else {
						last = token
					}
				}
				count++
				inside--
				return harness.Result{Outcome: harness.OK}
			}}
			counts(t, clients(t, name, many, store.Traits{}, inner), &count)
		})
	}
}

// TestUnknownKeepsTheLock: whoever comes next waits until nothing can take effect any more; after a crash, until the lock expires.
func TestUnknownKeepsTheLock(t *testing.T) {
	for _, name := range []string{"redis", "redlock", "zookeeper", "etcd"} {
		t.Run(name, func(t *testing.T) {
			inner := &stub{do: func(_ context.Context, client int, _ *harness.SessionOptions) harness.Result {
				if client == 0 {
					return harness.Result{Outcome: harness.Unknown, Err: errors.New("cut")}
				}
				return harness.Result{Outcome: harness.OK}
			}}
			s := clients(t, name, 2, store.Traits{}, inner)
			if res := s[0].Do(t.Context(), buy()); res.Outcome != harness.Unknown {
				t.Fatalf("%+v", res)
			}
			from := time.Now()
			for {
				res := s[1].Do(t.Context(), buy())
				if res.Outcome == harness.OK {
					break
				}
				if res.Conflict != harness.LockTimeout || time.Since(from) > time.Minute {
					t.Fatalf("%+v", res)
				}
			}
			if waited := time.Since(from); waited < grace*9/10 {
				t.Errorf("the next holder came after %v", waited)
			}
		})
	}
}

// TestSettle: a transaction that has written is waited for, and one that only reads is not.
func TestSettle(t *testing.T) {
	for _, e := range []store.Engine{postgres.Engine(), mysql.MySQL(), mysql.MariaDB()} {
		t.Run(e.Name, func(t *testing.T) {
			server, err := e.Open(t.Context(), store.OpenConfig{Connections: 2})
			var missing *store.MissingError
			if errors.As(err, &missing) {
				t.Skip(missing)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = server.Close() }()
			info, err := server.(store.Connectable).ConnInfo(harness.NoLevel)
			if err != nil {
				t.Fatal(err)
			}
			connector, err := info.Connector(info.DSN)
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(connector)
			defer func() { _ = db.Close() }() // the server goes anyway
			schema := map[string]string{"postgres": "CREATE SCHEMA IF NOT EXISTS lockstest"}[e.Name]
			if schema == "" {
				schema = "CREATE DATABASE lockstest"
			}
			for _, q := range []string{schema, "CREATE TABLE lockstest.t (n INT)", "INSERT INTO lockstest.t VALUES (1)"} {
				if _, err := db.ExecContext(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(t.Context(), "UPDATE lockstest.t SET n = n + 1"); err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := settled(soon, server, time.Now()); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("settled while a transaction was under way: %v", err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if err := settled(t.Context(), server, time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
}
