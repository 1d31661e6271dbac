package workloads

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/store"
)

// seats sells a few units of each item, and gives them back, so that the last seat stays contended for the whole run: a
// client that is refused, and now and then anyway, cancels one of the orders it holds. With a few units for each client,
// refusals stay at about a fifth of the operations.
type seats struct {
	cfg    Config
	choose chooser
	sets   [][]harness.Cell
	buy    [][]harness.Step // by cell
	cancel [][]harness.Step
}

func newSeats(cfg Config) (harness.Workload, error) {
	if cfg.Stock == 0 {
		cfg.Stock = 20
	}
	w := &seats{cfg: cfg, choose: cfg.chooser(cfg.Cells), sets: single(cfg.Cells)}
	for c := range harness.Cell(cfg.Cells) {
		guard := harness.Guard{Cells: w.sets[c], Min: 0}
		w.buy = append(w.buy, []harness.Step{{Kind: harness.Add, Cell: c, Delta: -1, Guard: guard}})
		w.cancel = append(w.cancel, []harness.Step{{Kind: harness.Add, Cell: c, Delta: 1}})
	}
	return w, nil
}

func (w *seats) Name() string { return "seats" }

func (w *seats) Init() harness.State {
	g := harness.Group{Table: "stock", Column: "available", Len: w.cfg.Cells, Claims: "ticket"}
	return harness.NewState(g, "orders", w.cfg.Stock)
}

func (w *seats) Samples() []harness.Op {
	return []harness.Op{{Name: "buy", Steps: w.buy[0]}, {Name: "cancel", Steps: w.cancel[0], Undoes: 1}}
}

func (w *seats) Checks() []harness.Checker {
	var limits []check.Limit
	for _, set := range w.sets {
		limits = append(limits, check.Limit{Cells: set, Min: 0, Returns: true})
	}
	return []harness.Checker{
		check.Oversold("oversold", "seats", limits), check.Journal(), check.Conservation(), check.LostSales(limits),
	}
}

// Scenarios are buyers, one more than there are seats.
func (w *seats) Scenarios() []store.Scenario {
	var all []store.Scenario
	for _, buyers := range []int{2, 3} {
		small := must(newSeats(Config{Cells: 1, Stock: int64(buyers - 1)}))
		s := store.Scenario{About: []string{"2 buyers, 1 seat", "3 buyers, 2 seats"}[buyers-2], Workload: small}
		for range buyers {
			s.Ops = append(s.Ops, small.Samples()[0])
		}
		all = append(all, s)
	}
	return all
}

// order is one that was acknowledged and not cancelled.
type order struct {
	id   int64
	cell harness.Cell
}

type buyer struct {
	w      *seats
	rand   *rand.Rand
	orders []order
	now    order // of the operation under way: the order to be, or the one being cancelled
	op     harness.Op
}

func (w *seats) Client(_ int, r *rand.Rand) harness.Client { return &buyer{w: w, rand: r} }

func (b *buyer) Next(last harness.Answer) *harness.Op {
	buying := b.op.Undoes == 0
	switch {
	case last.Op == 0:
	case buying && last.Outcome == harness.OK:
		b.orders = append(b.orders, order{id: last.Op, cell: b.now.cell})
	case !buying && (last.Outcome == harness.Failed || last.Outcome == harness.Rejected):
		b.orders = append(b.orders, b.now) // still held
	}
	if n := len(b.orders); n > 0 && (last.Outcome == harness.Rejected || b.rand.IntN(4) == 0) {
		i := b.rand.IntN(n)
		b.now = b.orders[i]
		b.orders[i] = b.orders[n-1]
		b.orders = b.orders[:n-1]
		b.op = harness.Op{Name: "cancel", Steps: b.w.cancel[b.now.cell], Undoes: b.now.id}
		return &b.op
	}
	b.now = order{cell: harness.Cell(b.w.choose(b.rand))}
	b.op = harness.Op{Name: "buy", Steps: b.w.buy[b.now.cell]}
	return &b.op
}
