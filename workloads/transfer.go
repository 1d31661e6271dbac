package workloads

import (
	"fmt"
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// transfer moves money between accounts. A tenth of the operations read all balances.
type transfer struct {
	cfg  Config
	from chooser // among all accounts
	to   chooser // among all but one
	sets [][]harness.Cell
	read []harness.Step
}

func newTransfer(cfg Config) (harness.Workload, error) {
	if cfg.Stock == 0 {
		cfg.Stock = 100
	}
	if cfg.Cells < 2 {
		return nil, fmt.Errorf("%w: transfer moves money between accounts and needs at least 2 cells, got %d", ErrConfig, cfg.Cells)
	}
	w := &transfer{cfg: cfg, from: cfg.chooser(cfg.Cells), to: cfg.chooser(cfg.Cells - 1), sets: single(cfg.Cells)}
	w.read = []harness.Step{{Kind: harness.Read, Cells: everyCell(cfg.Cells)}}
	if cfg.ManyReads {
		w.read = nil
		for _, set := range w.sets {
			w.read = append(w.read, harness.Step{Kind: harness.Read, Cells: set})
		}
	}
	return w, nil
}

func (w *transfer) Name() string { return "transfer" }

func (w *transfer) Init() harness.State {
	return harness.NewState(harness.Group{Table: "account", Column: "balance", Len: w.cfg.Cells}, "entry", w.cfg.Stock)
}

func (w *transfer) Samples() []harness.Op {
	t := &mover{w: w}
	t.transfer(0, 1, 1)
	return []harness.Op{t.op, {Name: "read", Steps: w.read}}
}

func (w *transfer) Checks() []harness.Checker {
	var limits []check.Limit
	for _, set := range w.sets {
		limits = append(limits, check.Limit{Cells: set, Min: 0})
	}
	return []harness.Checker{
		check.Total("total", everyCell(w.cfg.Cells)), check.Oversold("overdrawn", "units of money", limits),
		check.Journal(), check.Conservation(), check.LostSales(limits),
	}
}

// Scenarios are two transfers that the account can pay only once, one beside a read of all balances, and two that cross.
func (w *transfer) Scenarios() []store.Scenario {
	small := must(newTransfer(Config{Cells: 2, Stock: 100, ManyReads: w.cfg.ManyReads})).(*transfer)
	op := func(from, to harness.Cell, amount int64) harness.Op {
		m := &mover{w: small}
		m.transfer(from, to, amount)
		return m.op
	}
	read := harness.Op{Name: "read", Steps: small.read}
	reading := promise.HazardSet(promise.Dirty, promise.PMP, promise.GSingle)
	return []store.Scenario{
		{About: "two transfers from one account that covers one", Workload: small, Ops: []harness.Op{op(0, 1, 60), op(0, 1, 60)}},
		{About: "a transfer, and a read of all balances", Workload: small, Ops: []harness.Op{op(0, 1, 10), read}, Shows: reading},
		{About: "two transfers in opposite directions", Workload: small, Ops: []harness.Op{op(0, 1, 10), op(1, 0, 20)}},
	}
}

type mover struct {
	w     *transfer
	rand  *rand.Rand
	op    harness.Op
	steps [2]harness.Step
}

func (w *transfer) Client(_ int, r *rand.Rand) harness.Client { return &mover{w: w, rand: r} }

func (m *mover) Next(harness.Answer) *harness.Op {
	if m.rand.IntN(10) == 0 {
		m.op = harness.Op{Name: "read", Steps: m.w.read}
		return &m.op
	}
	from, to := m.w.from(m.rand), m.w.to(m.rand)
	if to >= from {
		to++
	}
	m.transfer(harness.Cell(from), harness.Cell(to), 1+m.rand.Int64N(max(m.w.cfg.Stock/2, 1)))
	return &m.op
}

func (m *mover) transfer(from, to harness.Cell, amount int64) {
	guard := harness.Guard{Cells: m.w.sets[from], Min: 0}
	m.steps[0] = harness.Step{Kind: harness.Add, Cell: from, Delta: -amount, Guard: guard}
	m.steps[1] = harness.Step{Kind: harness.Add, Cell: to, Delta: amount}
	m.op = harness.Op{Name: "transfer", Steps: m.steps[:]}
}
