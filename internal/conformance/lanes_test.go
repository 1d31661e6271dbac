package conformance

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/workloads"
)

// TestLanesOnServers: schedules played on a server in as many sets of tables at once as the command has find what they find one after the other: of a strategy
// that breaks, of one whose clients wait, and where the server refuses transactions for what it knows of all that are under way.
func TestLanesOnServers(t *testing.T) {
	for _, target := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			cfg := store.OpenConfig{Connections: suite.ExploreConnections, Volatile: true, Socket: true, PipeBegin: true}
			o := openWith(t, target, cfg)
			if err := o.OpenLanes(t.Context(), o.Spec.Engine.Lanes, cfg); err != nil {
				t.Fatal(err)
			}
			lanes := len(o.All())
			if lanes < 2 {
				t.Fatalf("%d lanes", lanes)
			}
			for _, row := range []struct {
				strategy string
				level    harness.Level
				breaks   bool
			}{{"naive-tx", harness.ReadCommitted, true}, {"for-update", harness.ReadCommitted, false}, {"naive-tx", harness.Serializable, false}} {
				one, all := explored(t, o, row.strategy, row.level, 1), explored(t, o, row.strategy, row.level, lanes)
				if one.Run != all.Run || one.Breaking != all.Breaking || one.Exhaustive != all.Exhaustive || one.Unsteady+all.Unsteady > 0 {
					t.Errorf("%s@%s: one lane found %+v, %d lanes %+v", row.strategy, row.level, one, lanes, all)
				}
				if row.breaks != (one.Breaking > 0) {
					t.Errorf("%s@%s: %+v", row.strategy, row.level, one)
				}
			}
		})
	}
}

// explored is what is found of the first scenario of seats.
func explored(t *testing.T, o *suite.Opened, strategy string, level harness.Level, lanes int) explore.Found {
	t.Helper()
	w, err := workloads.New("seats", workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	sc := w.(store.Staged).Scenarios()[0]
	c := explore.Case{Scenario: sc, Traits: suite.TraitsAt(o.Server, level)}
	for _, server := range o.All()[:lanes] {
		offer, err := server.Row(store.RowSpec{Strategy: strategy, Level: level, Start: sc.Workload.Init(), Samples: sc.Ops})
		if err != nil || offer.Skip != "" {
			t.Fatal(err, offer.Skip)
		}
		c.Targets = append(c.Targets, offer.Target)
	}
	rep, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range c.Targets {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	}
	return rep.Found
}
