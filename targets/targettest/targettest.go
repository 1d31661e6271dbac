// Package targettest is the conformance suite that every target passes: in goes an opened store.Server, out come test failures
// that name the row and the operation. A new target, in lastseat or elsewhere, calls Exercise from its own test; the example has
// a whole store that passes.
//
// The suite finds what one client alone can get wrong: a wrong outcome, a value or a journal that differs from harness.Apply's,
// a Setup that leaves something of the last run, a failed Call that leaves something behind. What many clients get wrong is for
// engine.Run to find.
package targettest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// shape is a kind of operations that targets must carry out.
type shape struct {
	name  string
	start harness.State
	next  func(r *rand.Rand, held []int64) harness.Op // held: acknowledged operations not undone
}

const cells = 4

func guard(cs ...harness.Cell) harness.Guard { return harness.Guard{Cells: cs} }

func add(c harness.Cell, delta int64, g harness.Guard) harness.Step {
	return harness.Step{Kind: harness.Add, Cell: c, Delta: delta, Guard: g}
}

func shapes() []shape {
	account := harness.Group{Table: "account", Column: "balance", Len: cells}
	return []shape{
		{"single units", harness.NewState(harness.Group{Table: "stock", Column: "available", Len: cells, Claims: "ticket"}, "orders", 2), units},
		{"moves", harness.NewState(account, "entry", 10), moves},
		{"joint guards", harness.NewState(account, "entry", 10), joint},
		{"calls", harness.NewState(harness.Group{Table: "stock", Column: "available", Len: cells}, "entry", 5).With(account, 10), calls},
	}
}

func units(r *rand.Rand, held []int64) harness.Op {
	if len(held) > 0 && r.IntN(3) == 0 {
		id := held[r.IntN(len(held))]
		return harness.Op{Name: "cancel", Undoes: id, Steps: []harness.Step{add(0, 1, harness.Guard{})}}
	}
	c := harness.Cell(r.IntN(cells))
	return harness.Op{Name: "buy", Steps: []harness.Step{add(c, -1, guard(c))}}
}

func moves(r *rand.Rand, _ []int64) harness.Op {
	switch r.IntN(5) {
	case 0:
		return harness.Op{Name: "read", Steps: []harness.Step{{Kind: harness.Read, Cells: []harness.Cell{0, 1, 2, 3}}}}
	case 1:
		return harness.Op{Name: "reads", Steps: []harness.Step{
			{Kind: harness.Read, Cells: []harness.Cell{2}}, {Kind: harness.Read, Cells: []harness.Cell{0}},
		}}
	}
	from := harness.Cell(r.IntN(cells))
	to := (from + 1 + harness.Cell(r.IntN(cells-1))) % cells
	n := 1 + r.Int64N(8)
	return harness.Op{Name: "transfer", Steps: []harness.Step{add(from, -n, guard(from)), add(to, n, harness.Guard{})}}
}

func joint(r *rand.Rand, _ []int64) harness.Op {
	c := harness.Cell(r.IntN(cells))
	n := 1 + r.Int64N(12)
	if r.IntN(3) == 0 {
		return harness.Op{Name: "deposit", Steps: []harness.Step{add(c, n, harness.Guard{})}}
	}
	return harness.Op{Name: "withdraw", Steps: []harness.Step{add(c, -n, guard(c&^1, c|1))}}
}

// calls changes cells of two tables, and asks an outside service after the first of them.
func calls(r *rand.Rand, _ []int64) harness.Op {
	seat, payer := harness.Cell(r.IntN(cells)), cells+harness.Cell(r.IntN(cells))
	call := harness.Step{Kind: harness.Call, Service: "payment", Outcome: harness.OK}
	switch r.IntN(4) {
	case 0:
		call.Outcome = harness.Rejected
	case 1:
		call.Outcome = harness.Failed
	}
	if r.IntN(4) == 0 {
		return harness.Op{Name: "refund", Steps: []harness.Step{add(payer, 3, harness.Guard{}), call, add(seat, 1, harness.Guard{})}}
	}
	return harness.Op{Name: "checkout", Steps: []harness.Step{add(seat, -1, guard(seat)), call, add(payer, -3, guard(payer))}}
}

// samples holds one operation of each shape.
func (s *shape) samples() []harness.Op {
	var ops []harness.Op
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		op := s.next(r, []int64{1})
		if !slices.ContainsFunc(ops, func(o harness.Op) bool { return o.Name == op.Name }) {
			ops = append(ops, op)
		}
	}
	return ops
}

// Exercise runs each strategy at each level, one client alone, and compares with harness.Apply: every outcome, every value
// read, the cells and the journal at the end. One client alone is right under every strategy, naive ones included; only those
// whose effects are several transactions cannot take back what a Call that goes wrong finds done, and are spared such Calls:
// the offer's Promise says promise.Partial of them.
//
// Operations come in seven kinds: single units, moves between two cells and reads of one or all, guards over two cells, Calls
// between writes to two tables; and transactions over registers, over lists, and over ranges of rows, which are compared with
// harness.ApplyContents. A server may skip what it cannot do, and must say why in Offer.Skip; some row there must
// be. Each row is set up twice, and closed. The server is the caller's to close.
func Exercise(t *testing.T, server store.Server, strategies []store.StrategyInfo) {
	t.Helper()
	ran := transactions(t, server, strategies)
	for _, s := range shapes() {
		for _, strategy := range strategies {
			for _, level := range server.Levels() {
				spec := store.RowSpec{Strategy: strategy.Name, Level: level, Start: s.start.Clone(), Samples: s.samples()}
				offer, err := server.Row(spec)
				if err != nil {
					t.Fatalf("%s at %s: %v", strategy.Name, level, err)
				}
				if offer.Target == nil {
					if offer.Skip == "" {
						t.Errorf("%s at %s for %s: neither a target nor a reason to skip", strategy.Name, level, s.name)
					}
					continue
				}
				ran++
				t.Run(fmt.Sprintf("%s/%s@%s", s.name, strategy.Name, level), func(t *testing.T) { alone(t, &s, &offer) })
			}
		}
	}
	if ran == 0 {
		t.Error("the server offers no row at all")
	}
}

// operations is how many operations the single client does.
const operations = 40

func alone(t *testing.T, s *shape, offer *store.Offer) {
	ctx, target := t.Context(), offer.Target
	for round := range 2 { // the second Setup must not see what the first round left
		if err := target.Setup(ctx, s.start.Clone()); err != nil {
			t.Fatalf("set up: %v", err)
		}
		want := s.start.Clone()
		session, err := target.Session(ctx, harness.SessionOptions{})
		if err != nil {
			t.Fatalf("session: %v", err)
		}
		drive(ctx, t, s, session, &want, rand.New(rand.NewPCG(7, uint64(round))), offer.Promise.Missing.Has(promise.Partial))
		if err := session.Close(); err != nil {
			t.Errorf("close the session: %v", err)
		}
		got, err := target.Snapshot(ctx)
		if err != nil {
			t.Fatalf("snapshot: %v", err)
		}
		compare(t, &got, &want)
	}
	if err := target.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// drive runs operations on the session and on want; kind: all Calls answer OK.
func drive(ctx context.Context, t *testing.T, s *shape, session harness.Session, want *harness.State, r *rand.Rand, kind bool) {
	var held []int64
	cellOf := map[int64]harness.Cell{}
	for i := 1; i <= operations; i++ {
		op := s.next(r, held)
		op.ID = harness.OpID(0, i)
		if op.Undoes != 0 {
			op.Steps[0].Cell = cellOf[op.Undoes]
		}
		if call := op.Refusal(); call != nil && kind {
			call.Outcome = harness.OK
		}
		res := session.Do(ctx, &op)
		before := slices.Clone(want.Values)
		outcome := harness.Apply(want.Values, &op)
		if res.Outcome != outcome {
			t.Fatalf("operation %d, %s %+v on %v: got %s (%v), want %s", i, op.Name, op.Steps, before, res.Outcome, res.Err, outcome)
		}
		if down := errors.Is(res.Err, harness.ErrServiceDown); down != (outcome == harness.Failed) {
			t.Errorf("operation %d, %s %+v: it says %v", i, op.Name, op.Steps, res.Err)
		}
		for _, a := range res.Seen {
			if a.Value != harness.NotSeen && a.Value != before[a.Cell] {
				t.Errorf("operation %d, %s: saw %d in cell %d, which held %d", i, op.Name, a.Value, a.Cell, before[a.Cell])
			}
		}
		if op.ReadOnly() && len(res.Seen) == 0 {
			t.Errorf("operation %d, %s: a read that saw nothing", i, op.Name)
		}
		if outcome != harness.OK {
			continue
		}
		for _, st := range op.Steps {
			if st.Kind == harness.Add {
				want.Entries = append(want.Entries, harness.Entry{Op: op.ID, Cell: st.Cell, Delta: st.Delta})
			}
		}
		if op.Undoes != 0 {
			held = slices.DeleteFunc(held, func(id int64) bool { return id == op.Undoes })
		} else if op.Name == "buy" {
			held = append(held, op.ID)
			cellOf[op.ID] = op.Steps[0].Cell
		}
	}
}

// compare holds a snapshot against what it should be. Versions, where the target has them, count each cell's entries.
func compare(t *testing.T, got, want *harness.State) {
	t.Helper()
	if d := cmp.Diff(want.Values, got.Values); d != "" {
		t.Errorf("cells (-want +got):\n%s", d)
	}
	seen := map[harness.Cell]map[int64]bool{}
	for i := range got.Entries {
		e := &got.Entries[i]
		if e.Version != 0 {
			if seen[e.Cell] == nil {
				seen[e.Cell] = map[int64]bool{}
			}
			if seen[e.Cell][e.Version] || got.Versions == nil || e.Version > got.Versions[e.Cell] {
				t.Errorf("entry %+v: the version is given twice, or is newer than the cell's", *e)
			}
			seen[e.Cell][e.Version] = true
		}
		e.Version = 0
	}
	for _, s := range []*harness.State{got, want} {
		slices.SortFunc(s.Entries, func(a, b harness.Entry) int {
			if a.Op != b.Op {
				return int(a.Op - b.Op)
			}
			return int(a.Cell - b.Cell)
		})
	}
	if d := cmp.Diff(want.Entries, got.Entries); d != "" {
		t.Errorf("journal (-want +got):\n%s", d)
	}
}
