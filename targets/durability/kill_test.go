package durability_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/durability"
	"github.com/lastseat/lastseat/targets/mysql"
	"github.com/lastseat/lastseat/targets/postgres"
)

const (
	clients   = 8
	killAfter = 400 // acknowledged operations
)

// TestKilledServer kills real servers under load and counts what was acknowledged and is not there afterwards: something where a
// setting gives durability up, and nothing where it does not.
func TestKilledServer(t *testing.T) {
	for _, engine := range []harness.Engine{postgres.Engine(), mysql.MySQL(), mysql.MariaDB()} {
		t.Run(engine.Name, func(t *testing.T) {
			server := open(t, engine)
			for _, d := range append([]harness.Decoration{{Name: "durable"}}, durability.Table()...) {
				t.Run(d.Name, func(t *testing.T) {
					spec := seat()
					spec.Around.Traits.Kills = true
					if d.Open != nil {
						opened, err := d.Open(t.Context(), harness.DecorationOptions{Store: server, Servers: 1, Clients: clients})
						if err != nil {
							t.Fatal(err)
						}
						if why := opened.Prepare(&spec); why != "" {
							t.Skip(why)
						}
					}
					offer, err := server.Row(spec)
					if err != nil {
						t.Fatal(err)
					}
					if offer.Skip != "" {
						t.Skip(offer.Skip)
					}
					lost, acked := lose(t, server, offer.Target, spec.Start)
					t.Logf("%d of %d lost, promised safe: %v", lost, acked, offer.Promise.Safe)
					if offer.Promise.Safe != (lost == 0) {
						t.Errorf("%d of %d acknowledged operations are lost, and the promise is %+v", lost, acked, offer.Promise)
					}
				})
			}
		})
	}
}

func open(t *testing.T, engine harness.Engine) harness.Server {
	t.Helper()
	server, err := engine.Open(t.Context(), harness.OpenConfig{Connections: clients})
	var missing *harness.MissingError
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
func seat() harness.RowSpec {
	group := harness.Group{Table: "stock", Column: "available", Len: clients}
	op := add(0)
	return harness.RowSpec{
		Strategy: "atomic", Level: harness.ReadCommitted, Start: harness.NewState(group, "orders", 0), Samples: []harness.Op{*op},
		Around: harness.Around{Patient: true},
	}
}

func add(c harness.Cell) *harness.Op {
	return &harness.Op{Name: "add", Steps: []harness.Step{{Kind: harness.Add, Cell: c, Delta: 1}}}
}

// lose has clients work until the server is killed in their midst, and counts what was acknowledged and lost.
func lose(t *testing.T, server harness.Server, target harness.Target, start harness.State) (lost, acked int) {
	t.Helper()
	mortal, err := server.(harness.Killable).Mortal()
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Setup(t.Context(), start); err != nil {
		t.Fatal(err)
	}
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
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	return lost, acked
}
