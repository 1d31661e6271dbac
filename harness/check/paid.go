package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Paid holds the shop's journal against the ledger that the payment service keeps by itself: for each operation, what the service took
// is what the journal has taken from the customer's wallet, and what it gave back is what the journal gave back. Customers' words are not
// asked: an operation whose outcome is unknown is in both or in neither. wallets are the cells that say in the shop's books who paid. The
// measure is money: what was taken for nothing, and what was not taken.
func Paid(wallets []harness.Cell) harness.Checker {
	p := &payments{wallets}
	return harness.Checker{
		Name: "paid", Rule: "what was charged is sold, once, or refunded; and what is sold is charged", Unit: "units of money",
		NoOverlap: true,
		Check:     func(_ context.Context, h *harness.History) harness.Finding { return p.check(h) }, Plant: p.plant,
	}
}

type payments struct{ wallets []harness.Cell }

// bill is what the two ledgers say about one operation.
type bill struct {
	op            int64
	sold, charged int64 // by the journal, by the service
}

func (p *payments) check(h *harness.History) harness.Finding {
	var f harness.Finding
	switch {
	case !ended(h):
		return f
	case h.Final.Charges == nil:
		return harness.Finding{Unable: "no ledger of a payment service was recorded"}
	}
	for _, b := range p.bills(h) {
		if b.sold == b.charged {
			continue
		}
		f.Add(func() string { return explainBill(h, &b) })
		f.Measure += abs(b.sold - b.charged)
	}
	return f
}

// bills are those of all operations that either ledger names, in the order of their IDs.
func (p *payments) bills(h *harness.History) []bill {
	money := make([]bool, len(h.Start.Values))
	for _, c := range p.wallets {
		money[c] = true
	}
	events := spool.Make[event](h.Spool, 0, len(h.Final.Entries)+len(h.Final.Charges))
	for from, part := range pieces(h, h.Final.Entries) {
		for i := range part {
			if e := &part[i]; uint(e.Cell) < uint(len(money)) && money[e.Cell] {
				events = append(events, event{e.Op, int64(from + i)})
			}
		}
	}
	for i := range h.Final.Charges {
		events = append(events, event{h.Final.Charges[i].Op, int64(len(h.Final.Entries) + i)})
	}
	events, _ = sorted(h, events, nil)
	var all []bill
	for _, part := range pieces(h, events) {
		for _, e := range part {
			if n := len(all); n == 0 || all[n-1].op != e.key() {
				all = spool.Append(h.Spool, all, bill{op: e.key()})
			}
			b := &all[len(all)-1]
			if i := int(e.delta()); i < len(h.Final.Entries) {
				b.sold -= h.Final.Entries[i].Delta
			} else {
				b.charged += h.Final.Charges[i-len(h.Final.Entries)].Amount
			}
		}
	}
	return all
}

func explainBill(h *harness.History, b *bill) string {
	took, without := "took", "a charge without a sale"
	switch {
	case b.charged < 0 || b.charged == 0 && b.sold < 0:
		took, without = "gave back", "money back without a return"
		if abs(b.charged) < abs(b.sold) {
			without = "a return without money back"
		} else if b.sold != 0 {
			without = "money back more than once"
		}
	case b.charged < b.sold:
		without = "a sale without a charge"
	case b.sold != 0:
		without = "charged more than once"
	}
	text := fmt.Sprintf("The payment service %s %d for %s, and the shop's journal has %d", took, abs(b.charged), opNamed(h, b.op), abs(b.sold))
	if told := toldOf(h, b.op); told != "" {
		text += ". " + told
	}
	return text + ": " + without
}

// plant books a charge once more, or one that nobody asked for.
func (p *payments) plant(h *harness.History) (*harness.History, bool) {
	if !ended(h) || h.Final.Charges == nil {
		return nil, false
	}
	again := harness.Charge{Op: harness.OpID(0, 1), Amount: 1}
	if len(h.Final.Charges) > 0 {
		again = h.Final.Charges[0]
	}
	bad := *h
	bad.Final.Charges = append(slices.Clip(h.Final.Charges), again)
	return &bad, true
}
