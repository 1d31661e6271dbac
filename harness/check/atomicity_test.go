package check

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// TestHalvesAreNamed: whatever goes on around it, a half is called by its name, and so is what its client was told.
func TestHalvesAreNamed(t *testing.T) {
	const seatOnly, chargeOnly = "a seat without a charge", "a charge without a seat"
	for _, c := range []struct {
		name   string
		op     harness.Op
		answer harness.Outcome
		kept   harness.Cell // the one cell of which the journal holds an entry
		words  []string
	}{
		{
			"declined", checkout(1, 2, 2, harness.Rejected), harness.Rejected, 1,
			[]string{"Seat 1 has -1 in the journal from client 77's checkout", "without a wallet entry. The client was told that it was declined: " + seatOnly},
		},
		{
			"down", checkout(1, 2, 2, harness.Failed), harness.Unknown, 1,
			[]string{"Seat 1 has -1 in the journal", "without a wallet entry. The client got no answer: " + seatOnly},
		},
		{"sold out", checkout(1, 2, 2, harness.OK), harness.Rejected, 2, []string{"Wallet 0 has -3 in the journal", "without a seat entry. The client was told that it was rejected: " + chargeOnly}},
		{"charged only", checkout(1, 2, 2, harness.OK), harness.OK, 2, []string{"Wallet 0 has -3 in the journal", "without a seat entry. The client was told ok: " + chargeOnly}},
		{"refund down", refund(1, 2, 2, harness.Failed), harness.Failed, 1, []string{"Seat 1 has +1 in the journal from client 77's refund", "The client was told that it failed: " + chargeOnly}},
		{"money back only", refund(1, 2, 2, harness.OK), harness.OK, 2, []string{"Wallet 0 has +3 in the journal", "without a seat entry", seatOnly}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := newWorld("checkout", 2)
				s := drawSim(t, w)
				drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "before"))
				client := s.addClient(77)
				s.now += 20
				id := s.do(c.op, shot{client: client, invoke: s.now, end: s.now, outcome: harness.Failed})
				drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "after"))
				h := s.done().Edited(id, func(r *harness.Record, _ []harness.Access) { r.Outcome = c.answer })
				if f := check(seatsAndCharges(2), h); f.Violations > 0 {
					t.Fatalf("before there is a half: %+v", f)
				}
				at := rapid.IntRange(0, len(h.Final.Entries)).Draw(t, "at")
				h.Final.Entries = slices.Insert(h.Final.Entries, at, harness.Entry{Op: id, Cell: c.kept, Delta: c.op.DeltaOf(c.kept)})
				if f := mustSay(t, seatsAndCharges(2), h, c.words...); f.Violations != 1 || f.Measure != 1 {
					t.Fatalf("%+v, want 1 violation", f)
				}
			})
		})
	}
}

// TestHalvesAreCountedOnce: it objects to an operation if, and only if, the journal has it going one way on one side, and
// another way, or not at all, on the other; and it needs no recorded operations for that.
func TestHalvesAreCountedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSim(0, 0, 0, 0)
		s.share([]string{"seat", "wallet", "sold"})
		h := s.done()
		h.Counts = true
		taken := map[int64]*[3]int64{}
		for range rapid.IntRange(0, 20).Draw(t, "entries") {
			e := harness.Entry{
				Op:    harness.OpID(rapid.Int32Range(0, 2).Draw(t, "process"), rapid.IntRange(1, 3).Draw(t, "seq")),
				Cell:  harness.Cell(rapid.IntRange(0, 2).Draw(t, "cell")),
				Delta: rapid.Int64Range(-3, 3).Draw(t, "delta"),
			}
			h.Final.Entries = append(h.Final.Entries, e)
			if taken[e.Op] == nil {
				taken[e.Op] = &[3]int64{}
			}
			taken[e.Op][e.Cell] -= e.Delta
		}
		var want int64
		for _, by := range taken {
			seat, charge := by[0], by[1]
			if (seat > 0) != (charge > 0) || (seat < 0) != (charge < 0) {
				want++
			}
		}
		c := seatsAndCharges(1)
		if f := check(c, h); f.Violations != want || len(f.Texts) != int(min(want, harness.MaxTexts)) {
			t.Fatalf("%+v, want %d violations", f, want)
		}
		if bad, ok := c.Plant(h); ok && check(c, bad).Violations != want+1 {
			t.Fatalf("planted one more, got %+v", check(c, bad))
		}
	})
}

// TestBothKindsOfHalvesAreTold: many of one kind do not hide the other.
func TestBothKindsOfHalvesAreTold(t *testing.T) {
	s := newSim(0, 0, 0, 0)
	s.share([]string{"seat", "wallet", "sold"})
	h := s.done()
	for i := range 9 {
		h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(0, i+1), Delta: -1})
	}
	h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(0, 10), Delta: 1})
	f := mustSay(t, seatsAndCharges(1), h, "Seat 0 has -1 in the journal from operation 1 of client 0", "a seat without a charge",
		"Seat 0 has +1 in the journal from operation 10 of client 0, without a wallet entry: a charge without a seat")
	if f.Violations != 10 || len(f.Texts) != harness.MaxTexts {
		t.Errorf("%+v", f)
	}
}

// TestDeclinedIsNoLostSale: a refusal is the state's only if no Call declined.
func TestDeclinedIsNoLostSale(t *testing.T) {
	for _, answer := range []harness.Outcome{harness.Rejected, harness.Failed} {
		s := newSim(1, 5, 5, 0)
		s.share([]string{"seat", "wallet", "sold"})
		id := s.simple(checkout(0, 1, 1, answer), 0)
		h := s.done()
		figure := LostSales([]Limit{{Cells: []harness.Cell{0}}, {Cells: []harness.Cell{1}}})
		if f := check(figure, h); f.Violations > 0 || s.values[0] != 5 {
			t.Errorf("%s: %+v, %v", answer, f, s.values)
		}
		if _, ok := figure.Plant(h); ok {
			t.Errorf("%s: there is no refusal to plant a lost sale in", answer)
		}
		refused := h.Edited(id, func(r *harness.Record, _ []harness.Access) { r.Outcome, r.Declined = harness.Rejected, false })
		mustSay(t, figure, refused, "Seat 0 had at least 5 left and wallet 0 had at least 5 left all through", "Client 0's checkout wanted 1 and 3 and was refused")
	}
}
