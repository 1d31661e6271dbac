package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/reads"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// followed is a server whose replica is known to the test.
type followed struct {
	store.Server
	replica *replica
}

func (followed) NoReplica() string { return "" }

func (f followed) Replica(context.Context, store.ReplicaOptions) (store.Replica, error) {
	return f.replica, nil
}

// following opens a component of reads beside a throwaway server, with a row of naive-tx on two tables that has been set up.
func following(t *testing.T, name string) (*replica, store.Instance, store.Server, harness.Target) {
	t.Helper()
	primary, err := Engine().Open(t.Context(), store.OpenConfig{Connections: 2})
	missing(t, err)
	t.Cleanup(func() {
		if err := primary.Close(); err != nil {
			t.Error(err)
		}
	})
	made, err := primary.(store.Replicated).Replica(t.Context(), store.ReplicaOptions{Delay: 5 * time.Millisecond, Clients: 2})
	missing(t, err)
	r := made.(*replica)
	t.Cleanup(func() { _ = r.Close() }) // closed already where the test ended well
	for _, which := range reads.Table() {
		if which.Name != name {
			continue
		}
		d, err := which.Open(t.Context(), store.ComponentOptions{Store: followed{primary, r}, Servers: 1, Clients: 2})
		if err != nil {
			t.Fatal(err)
		}
		return r, d, primary, setUp(t, d, primary, "stock")
	}
	t.Fatalf("there is no %s", name)
	return nil, nil, nil, nil
}

// missing skips the test where a program is missing, and fails it for any other error.
func missing(t *testing.T, err error) {
	t.Helper()
	var missing *store.MissingError
	if errors.As(err, &missing) && os.Getenv("CI") != "true" {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func setUp(t *testing.T, d store.Instance, primary store.Server, table string) harness.Target {
	t.Helper()
	start := harness.NewState(harness.Group{Table: "other", Column: "n", Len: 1}, "orders", 1)
	start = start.With(harness.Group{Table: table, Column: "available", Len: 2}, 5)
	op := buyOf(1)
	spec := store.RowSpec{Strategy: "naive-tx", Level: harness.ReadCommitted, Start: start, Samples: []harness.Op{*op}}
	spec.Env.Patient = true // the primary is killed
	if skip := d.Prepare(&spec); skip != "" {
		t.Fatal(skip)
	}
	offer, err := primary.Row(spec)
	if err != nil || offer.Skip != "" {
		t.Fatal(err, offer.Skip)
	}
	target := d.Wrap(offer.Target)
	if err := target.Setup(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	return target
}

// buyOf is an operation on the first cell of stock.
func buyOf(id int64) *harness.Op {
	guard := harness.Guard{Cells: []harness.Cell{1}}
	return &harness.Op{ID: id, Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Cell: 1, Delta: -1, Guard: guard}}}
}

func client(t *testing.T, target harness.Target, n int) harness.Session {
	t.Helper()
	s, err := target.Session(t.Context(), harness.SessionOptions{Client: n})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// buys holds that an operation ends so, having seen a version.
func buys(t *testing.T, s harness.Session, id int64, outcome harness.Outcome, version int64) {
	t.Helper()
	op := buyOf(id)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if outcome == harness.Failed {
		ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
	}
	res := s.Do(ctx, op)
	if res.Outcome != outcome || outcome == harness.OK && res.Seen[0].Version != version {
		t.Errorf("buy %d: %s (%v), saw %+v; want %s at version %d", id, res.Outcome, res.Err, res.Seen, outcome, version)
	}
}

// TestReplicaIsOld: with its replay paused, the replica answers with what was, and an update is lost. Then it is stopped.
func TestReplicaIsOld(t *testing.T) {
	r, d, primary, target := following(t, "replica")
	s := client(t, target, 0)
	pauseReplay(t, r.server)
	buys(t, s, 1, harness.OK, 0)
	buys(t, s, 2, harness.OK, 0)
	final, err := target.Snapshot(t.Context())
	if err != nil || final.Values[1] != 4 || len(final.Entries) != 2 {
		t.Errorf("%+v, %v; want 5 - 1 and two orders", final, err)
	}
	if f := d.(store.Figured).Figures(); f[0].Value != 2 || f[1].Value != 50 || f[2].Value < 0 {
		t.Errorf("figures: %v; want 2 reads, the second stale", f)
	}
	resumeReplay(t, r.server)
	// The next row has other tables.
	buys(t, client(t, setUp(t, d, primary, "seats"), 0), 1, harness.OK, 0)

	pid, dir := r.server.PID(), r.server.Dir()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder %s of the replica: %v", dir, err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("process %d of the replica: %v", pid, err)
	}
}

// TestReplicaByLSN waits for what was committed before, and fails where it does not come.
func TestReplicaByLSN(t *testing.T) {
	r, d, primary, target := following(t, "replica-lsn")
	s, other := client(t, target, 0), client(t, target, 1)
	for id := range int64(2) {
		buys(t, s, 2*id+1, harness.OK, 2*id)
		buys(t, other, 2*id+2, harness.OK, 2*id+1)
	}
	if f := d.(store.Figured).Figures(); f[0].Value != 4 || f[1].Value != 0 {
		t.Errorf("figures: %v; want 4 reads, none stale", f)
	}
	pauseReplay(t, r.server)
	underWay(t, r) // so that there is something that it lacks
	buys(t, s, 90, harness.Failed, 0)
	resumeReplay(t, r.server)
	mortal, err := primary.(store.Killable).Mortal()
	if err == nil {
		err = mortal.Kill()
	}
	if err == nil {
		err = mortal.Restart(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	// All connections are broken: those of the next row's setting up as well.
	setUp(t, d, primary, "seats")
	s = client(t, setUp(t, d, primary, "stock"), 0)
	for deadline := time.Now().Add(time.Minute); ; {
		op := buyOf(91)
		if res := s.Do(t.Context(), op); res.Outcome == harness.OK {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the primary is back, and: %+v", res)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// underWay leaves a transaction open that has written, and nobody flushes what.
func underWay(t *testing.T, r *replica) {
	t.Helper()
	c, err := pgx.ConnectConfig(t.Context(), r.primary.cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	if _, err := c.Exec(t.Context(), "BEGIN; UPDATE other SET n = n + 1"); err != nil {
		t.Fatal(err)
	}
}

// TestCatchingUp gets to the end of the log wherever that is: behind what nobody has flushed, and where a page is full.
func TestCatchingUp(t *testing.T) {
	r, _, _, _ := following(t, "replica-lsn")
	catchUp := func(what string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := r.catchUp(ctx); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	underWay(t, r)
	catchUp("a transaction under way")

	c, err := pgx.ConnectConfig(t.Context(), r.primary.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	end := func() (at int64) {
		t.Helper()
		if err := c.QueryRow(t.Context(), "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	const page = 8192
	full := 0
	for try := 0; try < 50 && full < 3; try++ {
		emit := func(n int64) {
			if _, err := c.Exec(t.Context(), "SELECT pg_logical_emit_message(false, '', repeat('x', $1))", n); err != nil {
				t.Fatal(err)
			}
		}
		// One message tells how much a record adds to it, unless it ran into the next page; another one fills its page.
		before := end()
		emit(1000)
		at := end()
		if at/page != before/page {
			continue
		}
		if room := page - at%page - (at - before - 1000); room > 300 { // short ones have a shorter header
			emit(room)
		}
		if at := end() % page; at == shortHeader || at == longHeader {
			full++
			catchUp("a page that is full")
		}
	}
	if full == 0 {
		t.Error("no page could be filled to its end")
	}
}

func TestLastRecord(t *testing.T) {
	const page, segment = 8192, 16 << 20
	for at, want := range map[lsn]lsn{
		5 * segment:                    5 * segment,
		5*segment + longHeader:         5 * segment,
		5*segment + shortHeader:        5*segment + shortHeader,
		5*segment + page + shortHeader: 5*segment + page,
		5*segment + page + longHeader:  5*segment + page + longHeader,
		5*segment + 3*page + 120:       5*segment + 3*page + 120,
	} {
		if got := lastRecord(at, page, segment); got != want {
			t.Errorf("lastRecord(%d) = %d, want %d", at, got, want)
		}
	}
}

// TestNoReplica: of the user's own server there is none, and the row says so.
func TestNoReplica(t *testing.T) {
	primary, err := Engine().Open(t.Context(), store.OpenConfig{DSN: throwaway(t), Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	if why := primary.(store.Replicated).NoReplica(); why == "" {
		t.Error("a replica of the user's own server is offered")
	}
	if err := primary.Close(); err != nil {
		t.Error(err)
	}
}
