package check

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// charged is a history of seats and wallets, two each, with the ledger of a service that did all that is in the journal.
func charged(t *rapid.T) (h *harness.History, bought, returned int64) {
	w := newWorld("checkout", 2)
	s := drawSim(t, w)
	drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "before"))
	s.values[0], s.values[2] = s.values[0]+1, s.values[2]+3
	s.h.Start.Values[0], s.h.Start.Values[2] = s.h.Start.Values[0]+1, s.h.Start.Values[2]+3
	client := s.addClient(77)
	s.now += 100
	bought = s.simple(checkout(0, 2, 2, harness.OK), client)
	returned = s.simple(refund(0, 2, 2, harness.OK), client)
	drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "after"))
	h = s.done()
	h.Final.Charges = []harness.Charge{}
	for _, e := range h.Final.Entries {
		if e.Cell == 2 || e.Cell == 3 {
			h.Final.Charges = append(h.Final.Charges, harness.Charge{Op: e.Op, Amount: -e.Delta})
		}
	}
	return h, bought, returned
}

var purse = []harness.Cell{2, 3}

// TestPaidComparesLedgers: two ledgers that agree are never accused, whatever clients were told, and each way to disagree is called by
// its name.
func TestPaidComparesLedgers(t *testing.T) {
	of := func(op int64) func(harness.Charge) bool { return func(c harness.Charge) bool { return c.Op == op } }
	for name, c := range map[string]struct {
		spoil func(h *harness.History, bought, returned int64)
		words []string
	}{
		"twice": {func(h *harness.History, bought, _ int64) {
			h.Final.Charges = append(h.Final.Charges, harness.Charge{Op: bought, Amount: 3})
		}, []string{"The payment service took 6 for client 77's checkout", "and the shop's journal has 3. The client ", ": charged more than once"}},
		"unpaid": {func(h *harness.History, bought, _ int64) {
			h.Final.Charges = slices.DeleteFunc(h.Final.Charges, of(bought))
		}, []string{"The payment service took 0 for client", "and the shop's journal has 3. ", ": a sale without a charge"}},
		"unsold": {func(h *harness.History, bought, _ int64) {
			h.Final.Entries = slices.DeleteFunc(h.Final.Entries, func(e harness.Entry) bool { return e.Op == bought })
		}, []string{"The payment service took 3 for client", "and the shop's journal has 0. ", ": a charge without a sale"}},
		"returned, not given back": {func(h *harness.History, _, returned int64) {
			h.Final.Charges = slices.DeleteFunc(h.Final.Charges, of(returned))
		}, []string{"The payment service gave back 0 for client 77's refund", "and the shop's journal has 3. ", ": a return without money back"}},
		"given back twice": {func(h *harness.History, _, returned int64) {
			h.Final.Charges = append(h.Final.Charges, harness.Charge{Op: returned, Amount: -3})
		}, []string{"The payment service gave back 6 for client", "and the shop's journal has 3. ", ": money back more than once"}},
		"nobody": {func(h *harness.History, _, _ int64) {
			h.Final.Charges = append(h.Final.Charges, harness.Charge{Op: harness.OpID(88, 1), Amount: 4})
		}, []string{"The payment service took 4 for operation 1 of client 88"}},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				h, bought, returned := charged(t)
				for r := range h.Ops() {
					r.Outcome = harness.Unknown
				}
				if f := check(Paid(purse), h); f.Violations > 0 || f.Unable != "" {
					t.Fatalf("the ledgers agree: %+v", f)
				}
				if bad, ok := Paid(purse).Plant(h); !ok || check(Paid(purse), bad).Violations != 1 {
					t.Fatal("the plant is not seen")
				}
				c.spoil(h, bought, returned)
				if f := mustSay(t, Paid(purse), h, c.words...); f.Violations != 1 || f.Measure < 3 {
					t.Fatalf("%+v, want 1 violation", f)
				}
			})
		})
	}
}

// TestPaidNeedsALedger: without one nothing is judged, and an empty one says that nothing was charged.
func TestPaidNeedsALedger(t *testing.T) {
	s := newSim(1, 1, 1, 3, 3, 0, 0)
	s.simple(checkout(0, 2, 2, harness.OK), 0)
	h := s.done()
	if f := check(Paid(purse), h); f.Unable == "" || f.Violations > 0 {
		t.Errorf("%+v", f)
	}
	if _, ok := Paid(purse).Plant(h); ok {
		t.Error("there is no ledger to corrupt")
	}
	h.Final.Charges = []harness.Charge{}
	mustSay(t, Paid(purse), h, "a sale without a charge")
}

// TestWhatIsTakenBackIsNotThere: an operation that takes back all that it did is one that did nothing, whatever its client was told, and
// one that takes back less, or something else, is a half.
func TestWhatIsTakenBackIsNotThere(t *testing.T) {
	for _, outcome := range []harness.Outcome{harness.Rejected, harness.Failed, harness.Unknown} {
		rapid.Check(t, func(t *rapid.T) {
			w := newWorld("checkout", 2)
			s := drawSim(t, w)
			s.versioned = true
			drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "before"))
			client := s.addClient(77)
			s.now += 20
			op := checkout(0, 2, 2, harness.Rejected)
			id := s.do(op, shot{client: client, invoke: s.now, end: s.now, outcome: harness.Failed})
			h := s.done().Edited(id, func(r *harness.Record, _ []harness.Access) { r.Outcome = outcome })
			var back []harness.Entry
			for i := range op.Steps {
				if st := &op.Steps[i]; st.Kind == harness.Add {
					v := h.Final.Versions[st.Cell]
					h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: id, Cell: st.Cell, Delta: st.Delta, Version: v + 1})
					back = append(back, harness.Entry{Op: id, Cell: st.Cell, Delta: -st.Delta, Version: v + 2})
					h.Final.Versions[st.Cell] += 2
				}
			}
			forgotten := rapid.IntRange(0, 2).Draw(t, "forgotten")
			kept := h.Final.Entries
			h.Final.Entries = append(slices.Clip(kept), back...)
			for _, c := range []harness.Checker{Journal(), seatsAndCharges(2), Conservation()} {
				if f := check(c, h); f.Violations > 0 {
					t.Fatalf("%s: %+v", c.Name, f)
				}
			}
			h.Final.Entries = append(slices.Clip(kept), slices.Delete(slices.Clone(back), forgotten, forgotten+1)...)
			if check(Journal(), h).Violations == 0 {
				t.Fatalf("it kept %+v, and nobody says so", kept[len(kept)-3+forgotten])
			}
			back[forgotten].Version -= 2 // before it was done
			h.Final.Entries = append(slices.Clip(kept), back...)
			if check(Journal(), h).Violations == 0 {
				t.Fatal("taken back before it was there, and nobody says so")
			}
			back[forgotten].Version += 2
			h.Final.Entries = append(slices.Clip(kept), append(back, back[forgotten])...)
			if check(Journal(), h).Violations == 0 {
				t.Fatal("taken back twice, and nobody says so")
			}
		})
	}
}

// TestAcknowledgedAndTakenBackIsLost: no client may be told that it has what was taken back.
func TestAcknowledgedAndTakenBackIsLost(t *testing.T) {
	s := newSim(1, 1, 1, 3, 3, 0, 0)
	id := s.simple(checkout(0, 2, 2, harness.OK), 0)
	h := s.done()
	for _, e := range slices.Clone(h.Final.Entries) {
		h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: id, Cell: e.Cell, Delta: -e.Delta, Version: e.Version + 1})
	}
	mustSay(t, Journal(), h, "The client was told ok, and the journal has nothing of the operation: it is lost")
}
