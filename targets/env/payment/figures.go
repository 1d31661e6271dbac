package payment

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// count is what the two ledgers come to.
type count struct {
	charges int // that the service made
	doubled int // operations that it booked more than once
	unpaid  int // that the shop's journal has and the service's ledger has not
	unsold  int // the other way round
}

// cellOf is a cell of an operation.
type cellOf struct {
	op   int64
	cell harness.Cell
}

func counted(final *harness.State) count {
	var n count
	booked := make(map[int64]int, len(final.Charges))
	for _, c := range final.Charges {
		if c.Amount > 0 {
			n.charges++
		}
		if booked[c.Op]++; booked[c.Op] == 2 {
			n.doubled++
		}
	}
	sums := make(map[cellOf]int64, len(final.Entries))
	for i := range final.Entries {
		e := &final.Entries[i]
		sums[cellOf{e.Op, e.Cell}] += e.Delta
	}
	sold := make(map[int64]bool, len(booked))
	for of, sum := range sums {
		if sum != 0 {
			sold[of.op] = true
		}
	}
	for op := range sold {
		if booked[op] == 0 {
			n.unpaid++
		}
	}
	for op := range booked {
		if !sold[op] {
			n.unsold++
		}
	}
	return n
}

// Figures are what the row's service and shop came to.
func (d *instance) Figures() []store.Figure {
	t := d.row
	if t == nil {
		return nil
	}
	figure := func(name string, n int, unit string) store.Figure {
		return store.Figure{Name: name, Value: float64(n), Unit: unit}
	}
	figures := []store.Figure{
		figure("charges", t.count.charges, "times a customer was charged"),
		figure("double-charges", t.count.doubled, "operations that the service booked more than once"),
		figure("unpaid", t.count.unpaid, "operations that the shop did and the service has nothing of"),
		figure("unsold", t.count.unsold, "operations that the service booked and the shop has nothing of"),
	}
	if d.way.legs == nil {
		return figures
	}
	return append(figures,
		figure("compensations", int(t.compensations.Load()), "sales taken back because the card was declined"),
		figure("asked-again", int(t.repeats.Load()), "requests repeated for lack of an answer"),
		figure("recovered", int(t.recovered.Load()), "operations finished after their client had given up"),
	)
}
