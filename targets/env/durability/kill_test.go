package durability_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/env/durability"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

const (
	clients   = 8
	killAfter = 400 // acknowledged operations
	kills     = 10  // of a server that may lose something, until it does
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestKilledServer kills real servers under load and counts what was acknowledged and is not there afterwards: something where a
// setting gives durability up, and nothing where it does not.
func TestKilledServer(t *testing.T) {
	for _, engine := range []store.Engine{postgres.Engine(), mysql.MySQL(), mysql.MariaDB()} {
		t.Run(engine.Name, func(t *testing.T) {
			server := open(t, engine)
			for _, d := range append([]store.Component{{Name: "durable"}}, durability.Table()...) {
				t.Run(d.Name, func(t *testing.T) {
					spec := killedSeat(t, server, &d)
					lost, safe := killed(t, server, &spec)
					for n := 1; n < kills && !safe && lost == 0; n++ { // the log may just have been written
						lost, safe = killed(t, server, &spec)
					}
					if safe != (lost == 0) {
						t.Errorf("%d acknowledged operations are lost, promised safe: %v", lost, safe)
					}
				})
			}
		})
	}
}

// TestStartIsKept: a server that is killed before it has logged a single operation still has what the row begins with, whatever it is
// set to.
func TestStartIsKept(t *testing.T) {
	for _, engine := range []store.Engine{postgres.Engine(), mysql.MySQL(), mysql.MariaDB()} {
		t.Run(engine.Name, func(t *testing.T) {
			server := open(t, engine)
			for _, d := range durability.Table() {
				t.Run(d.Name, func(t *testing.T) {
					spec := killedSeat(t, server, &d)
					for range 3 {
						target := row(t, server, &spec).Target
						mortal := set(t, server, target, spec.Start)
						if err := errors.Join(mortal.Kill(), mortal.Restart(t.Context())); err != nil {
							t.Fatal(err)
						}
						got, err := target.Snapshot(t.Context())
						if err != nil || !slices.Equal(got.Values, spec.Start.Values) {
							t.Errorf("%v are there, want %v: %v", got.Values, spec.Start.Values, err)
						}
						if err := target.Close(); err != nil {
							t.Error(err)
						}
					}
				})
			}
		})
	}
}

// killedSeat is seat on a server that is killed, and set so.
func killedSeat(t *testing.T, server store.Server, d *store.Component) store.RowSpec {
	t.Helper()
	spec := seat()
	spec.Env.Traits.Kills = true
	if d.Open == nil {
		return spec
	}
	opened, err := d.Open(t.Context(), store.ComponentOptions{Store: server, Servers: 1, Clients: clients})
	if err != nil {
		t.Fatal(err)
	}
	if why := opened.Prepare(&spec); why != "" {
		t.Skip(why)
	}
	return spec
}

// row is the server's.
func row(t *testing.T, server store.Server, spec *store.RowSpec) store.Offer {
	t.Helper()
	offer, err := server.Row(*spec)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		t.Skip(offer.Skip)
	}
	return offer
}

// set sets the row up, and answers the server that is to be killed.
func set(t *testing.T, server store.Server, target harness.Target, start harness.State) store.Mortal {
	t.Helper()
	mortal, err := server.(store.Killable).Mortal()
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Setup(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	return mortal
}

// killed runs a row on a server that is killed, and counts what is lost; safe: nothing may be.
func killed(t *testing.T, server store.Server, spec *store.RowSpec) (lost int, safe bool) {
	t.Helper()
	offer := row(t, server, spec)
	own := settingsOf(t, server, spec)
	lost, acked := lose(t, server, offer.Target, spec.Start)
	if got := settingsOf(t, server, spec); !slices.Equal(got, spec.Env.Settings) {
		t.Errorf("the server has come back with %v, want %v", got, spec.Env.Settings)
	}
	if err := offer.Target.Close(); err != nil {
		t.Error(err)
	}
	if got := settingsOf(t, server, spec); !slices.Equal(got, own) {
		t.Errorf("after the row the server has %v, and it had %v", got, own)
	}
	t.Logf("%d of %d lost, promised safe: %v", lost, acked, offer.Promise.Safe)
	return lost, offer.Promise.Safe
}

func open(t *testing.T, engine store.Engine) store.Server {
	t.Helper()
	server, err := engine.Open(t.Context(), store.OpenConfig{Connections: clients})
	var missing *store.MissingError
	if errors.As(err, &missing) {
		t.Skip(missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// seat is a row of clients that add to one cell each.
func seat() store.RowSpec {
	group := harness.Group{Table: "stock", Column: "available", Len: clients}
	op := add(0)
	return store.RowSpec{
		Strategy: "atomic", Level: harness.ReadCommitted, Start: harness.NewState(group, "orders", 0), Samples: []harness.Op{*op},
		Env: store.Env{Patient: true},
	}
}

func add(c harness.Cell) *harness.Op {
	return &harness.Op{Name: "add", Steps: []harness.Step{{Kind: harness.Add, Cell: c, Delta: 1}}}
}

// lose has clients work until the server is killed in their midst, and counts what was acknowledged and lost.
func lose(t *testing.T, server store.Server, target harness.Target, start harness.State) (lost, acked int) {
	t.Helper()
	mortal := set(t, server, target, start)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done atomic.Int64
	enough := make(chan struct{})
	told := make([][]int64, clients)
	var work sync.WaitGroup
	for c := range clients {
		session, err := target.Session(t.Context(), harness.SessionOptions{Client: c})
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			op := add(harness.Cell(c))
			for seq := 1; ; seq++ {
				op.ID = harness.OpID(int32(c), seq)
				if session.Do(ctx, op).Outcome != harness.OK {
					return
				}
				told[c] = append(told[c], op.ID)
				if done.Add(1) == killAfter {
					close(enough)
				}
			}
		})
	}
	<-enough
	if err := mortal.Kill(); err != nil {
		t.Fatal(err)
	}
	cancel()
	work.Wait()
	if err := mortal.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	final, err := target.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := map[int64]bool{}
	for _, e := range final.Entries {
		there[e.Op] = true
	}
	for _, ids := range told {
		for _, id := range ids {
			acked++
			if !there[id] {
				lost++
			}
		}
	}
	return lost, acked
}

// settingsOf asks the server for the settings that the row wants otherwise, in a session of the test's own.
func settingsOf(t *testing.T, server store.Server, spec *store.RowSpec) []store.Setting {
	t.Helper()
	dsn, _ := server.(store.Attachable).Attachment()
	driver, ask := "mysql", "SELECT @@GLOBAL."
	if server.Info().Product == "PostgreSQL" {
		driver, ask = "pgx", "SHOW "
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing is pending on it
	var all []store.Setting
	for _, s := range spec.Env.Settings {
		if err := db.QueryRowContext(t.Context(), ask+s.Name).Scan(&s.Value); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}
