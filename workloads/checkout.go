package workloads

import (
	"math/rand/v2"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// checkout sells seats for money: it takes a seat, asks the payment service, charges a wallet and marks the seat sold. A
// refund goes the same way back, so that the last seats stay contended for the whole run, as in seats. A tenth of the
// checkouts are declined and a twentieth of all operations find the service down, with the seat's half done: what a checkout
// leaves then is a seat without a charge, and what a refund leaves is a charge without a seat.
type checkout struct {
	cfg    Config
	choose chooser // of a seat; wallets are all alike
	sets   [][]harness.Cell
}

const price = 10 // of a seat, in units of money

func newCheckout(cfg Config) (harness.Workload, error) {
	if cfg.Stock == 0 {
		cfg.Stock = 20
	}
	return &checkout{cfg: cfg, choose: cfg.chooser(cfg.Cells), sets: single(2 * cfg.Cells)}, nil
}

func (w *checkout) Name() string { return "checkout" }

// Init gives wallets a quarter more than all seats cost: now and then one runs dry.
func (w *checkout) Init() harness.State {
	group := func(table, column string) harness.Group {
		return harness.Group{Table: table, Column: column, Len: w.cfg.Cells}
	}
	return harness.NewState(group("seat", "available"), "orders", w.cfg.Stock).
		With(group("wallet", "balance"), price*(w.cfg.Stock+w.cfg.Stock/4)).
		With(group("sold", "seats"), 0)
}

func (w *checkout) Samples() []harness.Op {
	c := &customer{w: w}
	first := sale{id: 1, wallet: harness.Cell(w.cfg.Cells)}
	buy := *c.checkout(first, harness.OK)
	buy.Steps = append([]harness.Step(nil), buy.Steps...)
	return []harness.Op{buy, *c.refund(first, harness.OK)}
}

func (w *checkout) Checks() []harness.Checker {
	var limits []check.Limit
	for _, set := range w.sets {
		limits = append(limits, check.Limit{Cells: set, Min: 0, Returns: true})
	}
	n, all := w.cfg.Cells, everyCell(2*w.cfg.Cells)
	return []harness.Checker{
		check.Oversold("oversold", "seats", limits[:n]), check.Oversold("overdrawn", "units of money", limits[n:]),
		check.Atomicity(check.Side{Name: "seat", Cells: all[:n]}, check.Side{Name: "charge", Cells: all[n:]}), check.Journal(), check.Conservation(), check.LostSales(limits),
	}
}

// Paid is what must hold as well where the payment service is real and keeps a ledger of its own.
func (w *checkout) Paid() harness.Checker {
	return check.Paid(everyCell(2 * w.cfg.Cells)[w.cfg.Cells:])
}

// Scenarios are two customers and one seat, one of them whose payment is declined, or finds the service down; and two who pay
// without the service beside one that is declined, with seats for all.
func (w *checkout) Scenarios() []store.Scenario {
	scenario := func(about string, stock int64, answers ...harness.Outcome) store.Scenario {
		small := must(newCheckout(Config{Cells: 1, Stock: stock})).(*checkout)
		s := store.Scenario{About: about, Workload: small}
		for _, answer := range answers {
			c := &customer{w: small}
			s.Ops = append(s.Ops, *c.checkout(sale{wallet: 1}, answer))
		}
		return s
	}
	return []store.Scenario{
		scenario("two customers, one seat", 1, harness.OK, harness.OK),
		scenario("two customers, and one is declined", 1, harness.Rejected, harness.OK),
		scenario("two customers, and one finds the payment service down", 1, harness.Failed, harness.OK),
		w.takenBack(),
	}
}

// takenBack is two seats that are taken and given back, while two others buy one each. Operations have no step too many: it takes several
// interruptions to go wrong.
func (w *checkout) takenBack() store.Scenario {
	small := must(newCheckout(Config{Cells: 1, Stock: 4})).(*checkout)
	full := func(answer harness.Outcome) []harness.Step {
		c := &customer{w: small}
		return c.checkout(sale{wallet: 1}, answer).Steps
	}
	declined := harness.Op{Name: "declined", Steps: full(harness.Rejected)[:2]}
	declined.Steps[0].Delta = -2 // so that what it leaves for a moment is not what the others leave
	paid := full(harness.OK)
	paid = append(paid[:1:1], paid[2])
	return store.Scenario{
		About: "two customers, and one who takes two seats and is declined", Workload: small,
		Ops: []harness.Op{declined, {Name: "sale", Steps: paid}, {Name: "sale", Steps: paid}}, Shows: promise.HazardSet(promise.Dirty),
	}
}

// sale is a checkout that was acknowledged and not refunded.
type sale struct {
	id           int64
	seat, wallet harness.Cell
}

type customer struct {
	w     *checkout
	rand  *rand.Rand
	sales []sale
	now   sale // of the operation under way: the sale to be, or the one being refunded
	op    harness.Op
	steps [4]harness.Step
}

func (w *checkout) Client(_ int, r *rand.Rand) harness.Client { return &customer{w: w, rand: r} }

func (c *customer) Next(last harness.Answer) *harness.Op {
	buying := c.op.Undoes == 0
	switch {
	case last.Op == 0:
	case buying && last.Outcome == harness.OK:
		c.now.id = last.Op
		c.sales = append(c.sales, c.now)
	case !buying && (last.Outcome == harness.Failed || last.Outcome == harness.Rejected):
		c.sales = append(c.sales, c.now) // still held
	}
	answer := harness.OK
	draw := c.rand.IntN(20)
	if draw == 0 {
		answer = harness.Failed
	}
	if n := len(c.sales); n > 0 && (last.Outcome == harness.Rejected || c.rand.IntN(4) == 0) {
		i := c.rand.IntN(n)
		back := c.sales[i]
		c.sales[i] = c.sales[n-1]
		c.sales = c.sales[:n-1]
		return c.refund(back, answer)
	}
	if draw == 1 || draw == 2 {
		answer = harness.Rejected
	}
	cells := c.w.cfg.Cells
	return c.checkout(sale{seat: harness.Cell(c.w.choose(c.rand)), wallet: harness.Cell(cells + c.rand.IntN(cells))}, answer)
}

func (c *customer) checkout(s sale, answer harness.Outcome) *harness.Op {
	c.exchange(s, 1, answer)
	c.steps[0].Guard, c.steps[2].Guard = harness.Guard{Cells: c.w.sets[s.seat]}, harness.Guard{Cells: c.w.sets[s.wallet]}
	c.op = harness.Op{Name: "checkout", Steps: c.steps[:]}
	return &c.op
}

func (c *customer) refund(s sale, answer harness.Outcome) *harness.Op {
	c.exchange(s, -1, answer)
	c.op = harness.Op{Name: "refund", Steps: c.steps[:], Undoes: s.id}
	return &c.op
}

// exchange is n seats for money, n being 1 or, to undo it, -1.
func (c *customer) exchange(s sale, n int64, answer harness.Outcome) {
	c.now = s
	sold := s.seat + harness.Cell(2*c.w.cfg.Cells)
	c.steps = [4]harness.Step{
		{Kind: harness.Add, Cell: s.seat, Delta: -n},
		{Kind: harness.Call, Service: "payment", Outcome: answer, Delta: n * price},
		{Kind: harness.Add, Cell: s.wallet, Delta: -n * price},
		{Kind: harness.Add, Cell: sold, Delta: n},
	}
}
