package suite_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
)

var errBroken = errors.New("the disk is full")

// failing is a server one of whose strategies fails with an error.
type failing struct {
	store.Server
	strategy string
	err      error
}

func (f failing) Row(spec store.RowSpec) (store.Offer, error) {
	offer, err := f.Server.Row(spec)
	if err == nil && spec.Strategy == f.strategy {
		offer.Target = brokenTarget{offer.Target, offer.Target.(store.Stepped), f.err}
	}
	return offer, err
}

type brokenTarget struct {
	harness.Target
	store.Stepped
	err error
}

func (b brokenTarget) Setup(context.Context, harness.State) error { return b.err }

// TestErrorEndsOneRow: it is told in its row and answered, and the others have their turn; if the server is lost, they have not.
func TestErrorEndsOneRow(t *testing.T) {
	for err, want := range map[error]int{errBroken: 2, harness.ErrServerLost: 1} {
		cfg := seats(2)
		open := cfg.Targets[0].Engine.Open
		cfg.Targets[0].Engine.Open = func(ctx context.Context, opened store.OpenConfig) (store.Server, error) {
			s, failed := open(ctx, opened)
			return failing{s, "naive", err}, failed
		}
		servers, _, failed := suite.OpenServers(t.Context(), cfg.Targets, store.OpenConfig{Connections: suite.ExploreConnections})
		if failed != nil {
			t.Fatal(failed)
		}
		told := 0
		x := &suite.Explorer{Config: cfg, Clients: 2, Schedules: suite.DefaultSchedules}
		rows, failed := x.All(t.Context(), servers, func(*suite.Explored, bool) error { told++; return nil })
		if !errors.Is(failed, err) || len(rows) != want || told != want {
			t.Fatalf("%v: %v, %d rows, %d told, want %d", err, failed, len(rows), told, want)
		}
		if r := rows[0]; r.Strategy != "naive" || r.Error == "" || r.Verdict != harness.Inconclusive || r.AsExpected || r.Exhaustive {
			t.Errorf("%+v", r)
		}
		if want == 2 && (rows[1].Verdict != harness.Safe || rows[1].Error != "") {
			t.Errorf("%+v", rows[1])
		}
		for _, s := range servers {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
