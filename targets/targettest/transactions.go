package targettest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// contents are the groups of cells that hold no numbers.
func contents() []harness.Group {
	return []harness.Group{
		{Table: "register", Column: "val", Len: cells, Holds: harness.Registers},
		{Table: "list", Column: "val", Len: cells, Holds: harness.Lists},
		{Table: "entry", Column: "grp", Len: cells, Holds: harness.Rows},
	}
}

// transactions runs each strategy that takes them, at each level, on cells that hold no numbers, and says how many rows ran.
func transactions(t *testing.T, server store.Server, strategies []store.StrategyInfo) (ran int) {
	t.Helper()
	for _, g := range contents() {
		start := harness.NewState(g, "", 0)
		start.Versions = nil
		sample := transaction(rand.New(rand.NewPCG(1, 1)), g.Holds, 1)
		for _, strategy := range strategies {
			for _, level := range server.Levels() {
				offer, err := server.Row(store.RowSpec{
					Strategy: strategy.Name, Level: level, Start: start.Clone(), Samples: []harness.Op{sample},
				})
				if err != nil {
					t.Fatalf("%s at %s: %v", strategy.Name, level, err)
				}
				if offer.Target == nil {
					if offer.Skip == "" {
						t.Errorf("%s at %s for %s: neither a target nor a reason to skip", strategy.Name, level, g.Holds)
					}
					continue
				}
				ran++
				t.Run(fmt.Sprintf("%s/%s@%s", g.Holds, strategy.Name, level), func(t *testing.T) {
					transact(t, &start, offer.Target)
				})
			}
		}
	}
	return ran
}

// transaction draws one of up to four steps, whose first value is first.
func transaction(r *rand.Rand, content harness.Content, first int64) harness.Op {
	op := harness.Op{Name: "txn"}
	for range 1 + r.IntN(4) {
		c := harness.Cell(r.IntN(cells))
		s := harness.Step{Kind: harness.Read, Cells: []harness.Cell{c}}
		if content == harness.Registers && r.IntN(2) == 0 {
			s.Cells = append(s.Cells, (c+1)%cells)
		}
		if r.IntN(2) == 0 {
			s = harness.Step{Kind: harness.Append, Cell: c, Value: first}
			if content == harness.Registers {
				s.Kind = harness.Write
			}
			first++
		}
		op.Steps = append(op.Steps, s)
	}
	return op
}

// transact sets the target up twice: the second time must not see what the first one left.
func transact(t *testing.T, start *harness.State, target harness.Target) {
	ctx := t.Context()
	for round := range 2 {
		if err := target.Setup(ctx, start.Clone()); err != nil {
			t.Fatalf("set up: %v", err)
		}
		session, err := target.Session(ctx, harness.SessionOptions{})
		if err != nil {
			t.Fatalf("session: %v", err)
		}
		driveTransactions(ctx, t, start, session, rand.New(rand.NewPCG(7, uint64(round))))
		if err := session.Close(); err != nil {
			t.Errorf("close the session: %v", err)
		}
		if final, err := target.Snapshot(ctx); err != nil || len(final.Values) != cells {
			t.Errorf("snapshot: %d cells, want %d: %v", len(final.Values), cells, err)
		}
	}
	if err := target.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// driveTransactions compares what each transaction finds with what is there.
func driveTransactions(ctx context.Context, t *testing.T, start *harness.State, session harness.Session, r *rand.Rand) {
	content, _ := start.Content()
	there := make([][]int64, cells)
	for i := 1; i <= operations; i++ {
		op := transaction(r, content, int64(4*i))
		op.ID = harness.OpID(0, i)
		res := session.Do(ctx, &op)
		if res.Outcome != harness.OK {
			t.Fatalf("operation %d, %+v: got %s (%v), want ok", i, op.Steps, res.Outcome, res.Err)
		}
		want, got := harness.ApplyContents(there, &op, nil), slices.Clone(res.Seen)
		if content == harness.Rows {
			sortFound(want)
			sortFound(got)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("operation %d, %+v: saw (-want +got):\n%s", i, op.Steps, d)
		}
	}
}

// sortFound puts what each read found in order, for ranges have none.
func sortFound(seen []harness.Access) {
	for i := range seen {
		if seen[i].Kind == harness.Finds {
			to := i + 1
			for to < len(seen) && seen[to].Kind == harness.Holds {
				to++
			}
			slices.SortFunc(seen[i+1:to], func(a, b harness.Access) int { return int(a.Value - b.Value) })
		}
	}
}
