package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// TestDrawnOperations draws the operations as well: no schedule of two or three that are drawn breaks a safe strategy, in memory
// and on SQLite. What fails shrinks to the smallest operations, and is printed step by step.
func TestDrawnOperations(t *testing.T) {
	t.Parallel()
	for _, e := range targets.Table() {
		if !e.Embedded {
			continue
		}
		o := openWith(t, e.Name, store.OpenConfig{Connections: clients, Volatile: true})
		for _, s := range e.Strategies {
			t.Run(e.Name+"/"+s.Name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					sc := drawnScenario(t)
					rep := exploreDrawn(t, o, s.Name, sc)
					if rep != nil && rep.Broken != nil {
						t.Fatalf("%v\n%s", rep.Broken.Texts, drawnTranscript(rep.Broken))
					}
				})
			})
		}
	}
}

// TestDrawnOperationsFindTheBug: the same draws do find the naive strategy broken, and more often than not.
func TestDrawnOperationsFindTheBug(t *testing.T) {
	t.Parallel()
	o := openWith(t, "memory", store.OpenConfig{})
	drawn, broken := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		row, err := o.Server.Row(store.RowSpec{Strategy: "naive", Level: harness.NoLevel})
		if err != nil {
			t.Fatal(err)
		}
		sc := drawnScenario(t)
		c := explore.Case{Targets: []harness.Target{row.Target}, Scenario: sc, Budget: 400, Stop: true}
		rep, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if drawn++; rep.Broken != nil {
			broken++
		}
	})
	if broken*4 < drawn {
		t.Errorf("%d of %d scenarios break the naive strategy: they are too tame", broken, drawn)
	}
}

// drawnScenario is two or three operations on two cells that may not fall below 0.
func drawnScenario(t *rapid.T) store.Scenario {
	w, err := workloads.New("seats", workloads.Config{Cells: 2, Stock: rapid.Int64Range(1, 4).Draw(t, "stock")})
	if err != nil {
		t.Fatal(err)
	}
	sc := store.Scenario{About: "drawn", Workload: w}
	for range rapid.IntRange(2, 3).Draw(t, "clients") {
		cells := []harness.Cell{0, 1}
		if rapid.Bool().Draw(t, "reversed") {
			slices.Reverse(cells)
		}
		op := harness.Op{Name: "op"}
		for _, c := range cells[:rapid.IntRange(1, 2).Draw(t, "steps")] {
			step := harness.Step{Kind: harness.Add, Cell: c, Delta: rapid.Int64Range(-3, 2).Draw(t, "delta")}
			if step.Delta >= 0 {
				step.Delta++
			} else {
				step.Guard = harness.Guard{Cells: []harness.Cell{c}}
			}
			op.Steps = append(op.Steps, step)
		}
		sc.Ops = append(sc.Ops, op)
	}
	return sc
}

// exploreDrawn explores a scenario under a strategy; nil where the strategy is not promised to be safe, or cannot do this.
func exploreDrawn(t *rapid.T, o *suite.Opened, strategy string, sc store.Scenario) *explore.Report {
	level := o.Server.Levels()[0]
	row, err := o.Server.Row(store.RowSpec{Strategy: strategy, Level: level, Start: harness.State{
		Groups: []harness.Group{{Table: "stock", Column: "available", Len: 2}}, Journal: "orders", // no claims: they are for single units
		Values: make([]int64, 2), Versions: make([]int64, 2),
	}, Samples: sc.Ops})
	if err != nil {
		t.Fatal(err)
	}
	if row.Skip != "" || !row.Promise.Safe {
		return nil
	}
	c := explore.Case{Targets: []harness.Target{row.Target}, Scenario: sc, Traits: suite.TraitsAt(o.Server, level), Budget: 100}
	rep, err := c.Run(t.Context())
	if err == nil {
		err = row.Target.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func drawnTranscript(b *explore.Broken) string {
	var s strings.Builder
	for i := range b.Turns {
		t := &b.Turns[i]
		answer, _ := t.Answer()
		fmt.Fprintf(&s, "%d  client %d  %s  → %s\n", i+1, t.Client, t.Text(), answer)
	}
	return s.String()
}
