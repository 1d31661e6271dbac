package workloads

import (
	"fmt"
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// joint withdraws from one of two accounts what both hold together, and pays it back. Each withdrawal reads the account that
// the other one writes: write skew.
type joint struct {
	cfg    Config
	choose chooser
	pairs  [][]harness.Cell
}

func newJoint(cfg Config) (harness.Workload, error) {
	if cfg.Stock == 0 {
		cfg.Stock = 100
	}
	if cfg.Cells%2 != 0 {
		return nil, fmt.Errorf("%w: joint pairs accounts and needs an even number of cells, got %d", ErrConfig, cfg.Cells)
	}
	w := &joint{cfg: cfg, choose: cfg.chooser(cfg.Cells)}
	all := everyCell(cfg.Cells)
	for i := 0; i < cfg.Cells; i += 2 {
		w.pairs = append(w.pairs, all[i:i+2:i+2])
	}
	return w, nil
}

func (w *joint) Name() string { return "joint" }

func (w *joint) Init() harness.State {
	return harness.NewState(harness.Group{Table: "account", Column: "balance", Len: w.cfg.Cells}, "entry", w.cfg.Stock)
}

func (w *joint) Samples() []harness.Op {
	h := &holder{w: w}
	withdraw := *h.withdraw(loan{cell: 0, amount: 1})
	withdraw.Steps = append([]harness.Step(nil), withdraw.Steps...)
	return []harness.Op{withdraw, *h.deposit(loan{cell: 0, amount: 1})}
}

func (w *joint) Checks() []harness.Checker {
	var limits []check.Limit
	for _, pair := range w.pairs {
		limits = append(limits, check.Limit{Cells: pair, Min: 0})
	}
	return []harness.Checker{
		check.Oversold("overdrawn", "units of money", limits), check.Journal(), check.Conservation(), check.LostSales(limits),
	}
}

// Scenarios are two withdrawals that the accounts cover only once together, from either account and from the same one; and two
// beside one that is taken back, because the payment service declines.
func (w *joint) Scenarios() []store.Scenario {
	small := must(newJoint(Config{Cells: 2, Stock: 10})).(*joint)
	op := func(cell harness.Cell, amount int64) harness.Op {
		return *(&holder{w: small}).withdraw(loan{cell: cell, amount: amount})
	}
	declined := op(0, 1)
	declined.Name = "declined"
	declined.Steps = append(declined.Steps[:1:1], harness.Step{Kind: harness.Call, Service: "payment", Outcome: harness.Rejected})
	return []store.Scenario{
		{About: "two withdrawals from either account", Workload: small, Ops: []harness.Op{op(0, 15), op(1, 15)}},
		{About: "two withdrawals from one account", Workload: small, Ops: []harness.Op{op(0, 15), op(0, 15)}},
		{
			About: "two withdrawals from either account, one of which somebody locks for a moment", Workload: small,
			Ops: []harness.Op{op(0, 15), op(1, 15)}, Holds: []harness.Cell{0}, Shows: promise.HazardSet(promise.StmtSkew),
		},
		{
			About: "two withdrawals, and one that is taken back", Workload: small,
			Ops: []harness.Op{declined, op(0, 2), op(0, 3)}, Shows: promise.HazardSet(promise.Dirty),
		},
	}
}

// loan is a withdrawal that was acknowledged and not yet paid back.
type loan struct {
	cell   harness.Cell
	amount int64
}

type holder struct {
	w     *joint
	rand  *rand.Rand
	loans []loan
	now   loan
	op    harness.Op
	steps [1]harness.Step
}

func (w *joint) Client(_ int, r *rand.Rand) harness.Client { return &holder{w: w, rand: r} }

func (h *holder) Next(last harness.Answer) *harness.Op {
	took := h.op.Name == "withdraw"
	if last.Op != 0 && (took && last.Outcome == harness.OK || !took && last.Outcome == harness.Failed) {
		h.loans = append(h.loans, h.now)
	}
	if n := len(h.loans); n > 0 && (last.Outcome == harness.Rejected || h.rand.IntN(4) == 0) {
		i := h.rand.IntN(n)
		pay := h.loans[i]
		h.loans[i] = h.loans[n-1]
		h.loans = h.loans[:n-1]
		return h.deposit(pay)
	}
	cell := harness.Cell(h.w.choose(h.rand))
	return h.withdraw(loan{cell: cell, amount: 1 + h.rand.Int64N(max(h.w.cfg.Stock/5, 1))})
}

func (h *holder) withdraw(l loan) *harness.Op {
	guard := harness.Guard{Cells: h.w.pairs[l.cell/2], Min: 0}
	h.steps[0] = harness.Step{Kind: harness.Add, Cell: l.cell, Delta: -l.amount, Guard: guard}
	h.now, h.op = l, harness.Op{Name: "withdraw", Steps: h.steps[:]}
	return &h.op
}

func (h *holder) deposit(l loan) *harness.Op {
	h.steps[0] = harness.Step{Kind: harness.Add, Cell: l.cell, Delta: l.amount}
	h.now, h.op = l, harness.Op{Name: "deposit", Steps: h.steps[:]}
	return &h.op
}
