package check

import (
	"math"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

var stock0 = []Limit{{Cells: []harness.Cell{0}}}

// told is a history in which one client after the other is acknowledged what ops say, the store looking innocent.
func told(start int64, deltas ...int64) *harness.History {
	s := newSim(0, start)
	for i, d := range deltas {
		l := &harness.Log{Process: int32(i)}
		r := harness.Record{Invoke: int64(i) * 1e6, End: int64(i)*1e6 + 5e5, Tries: 1, Outcome: harness.OK}
		l.Append(r, harness.Access{Kind: harness.Writes, Delta: d, Value: harness.NotSeen, Version: harness.NotSeen})
		s.h.Logs = append(s.h.Logs, l)
	}
	return s.done()
}

func TestOversoldByWhatClientsWereTold(t *testing.T) {
	c := Oversold("oversold", "seats", stock0)
	f := mustSay(t, c, told(2, -1, -1, 1, -1, -1, -1),
		"Stock 0 had 2 seats, and at most 1 came back. Client 4 was told ok for the 4th at 4.5 ms, client 3 for the 3rd at 3.5 ms")
	if f.Violations != 2 || f.Measure != 2 {
		t.Errorf("%+v, want 2 violations by 2 seats", f)
	}
	mustSay(t, c, told(10, -4, -4, 1, -5), "Stock 0 had 10 seats, and at most 1 came back. Client 3 was told ok at 3.5 ms. By then clients had taken 13: 2 below 0")
	if f := check(c, told(2, -1, -1, 1, -1)); f.Violations > 0 {
		t.Errorf("%+v", f)
	}
}

func TestOversoldNamesRivals(t *testing.T) {
	h := told(1, -1, -1)
	for i, l := range h.Logs {
		h = h.Edited(l.At(0).ID, func(r *harness.Record, as []harness.Access) {
			r.Invoke, r.End = 212_100_000+int64(i)*200_000, 213_000_000+int64(i)*400_000
			as[0].Kind, as[0].Value, as[0].Version = harness.Checks, 1, 7
		})
	}
	mustSay(t, Oversold("oversold", "seats", stock0), h,
		"Stock 0 had 1 seat. Client 1 was told ok for the 2nd at 213.4 ms. "+
			"Clients 0 and 1 both read 1 in stock 0 (version 7) and both took from it, at 212.1–213.0 ms and at 212.3–213.4 ms")
}

func TestOversoldByWhatTheStoreHolds(t *testing.T) {
	c := Oversold("oversold", "seats", stock0)
	entries := func(es ...harness.Entry) *harness.History {
		h := told(1)
		h.Final.Entries = es
		return h
	}
	mustSay(t, c, entries(harness.Entry{Delta: 1, Version: 3}, harness.Entry{Delta: -1, Version: 1}, harness.Entry{Delta: -1, Version: 2}),
		"Stock 0 was at -1 from version 2 on, by its journal")
	mustSay(t, c, entries(harness.Entry{Delta: 1, Version: 1 << 40}, harness.Entry{Delta: -2, Version: 1}), "from version 1 on")
	if f := check(c, entries(harness.Entry{Delta: 1}, harness.Entry{Delta: -2})); f.Violations > 0 {
		t.Errorf("without versions, no replay: %+v", f)
	}
	mustSay(t, c, entries(harness.Entry{Delta: -3}), "Stock 0 ends with -2 by its journal. It started with 1")
	h := told(1)
	h.Final.Values[0] = -4
	if f := mustSay(t, c, h, "Stock 0 ends with -4"); f.Measure != 4 {
		t.Errorf("%+v", f)
	}
}

func TestOversoldByWhatWasRead(t *testing.T) {
	s := newSim(1, 1)
	s.values[0] = -3
	s.simple(readAll(1), 0)
	s.values[0] = 1
	c := Oversold("oversold", "seats", stock0)
	if f := mustSay(t, c, s.done(), "Stock 0 was at -3. Client 0's read found that"); f.Measure != 3 {
		t.Errorf("%+v", f)
	}
	s = newSim(1, 1, 1)
	s.now += 20
	s.do(buy(1), shot{invoke: s.now, end: s.now, outcome: harness.OK, hides: true})
	if f := check(c, s.done()); f.Violations > 0 {
		t.Errorf("a read beside a write: %+v", f)
	}
}

// TestOversoldTakesTheLargestOfTheKinds: two kinds about one limit are not added up.
func TestOversoldTakesTheLargestOfTheKinds(t *testing.T) {
	h := told(1, -1, -1)
	h.Final.Values[0] = -3
	f := check(Oversold("oversold", "seats", stock0), h)
	if f.Violations != 1 || f.Measure != 3 || len(f.Texts) != 2 {
		t.Errorf("%+v, want 1 violation by 3 with 2 texts", f)
	}
}

// TestUnknownOperationsGetTheBenefitOfTheDoubt: a subtraction may not have happened, an addition may.
func TestUnknownOperationsGetTheBenefitOfTheDoubt(t *testing.T) {
	unknown := func(h *harness.History, process int32) *harness.History {
		return h.Edited(harness.OpID(process, 1), func(r *harness.Record, _ []harness.Access) { r.Outcome = harness.Unknown })
	}
	for _, h := range []*harness.History{unknown(told(1, -1, -1), 1), unknown(told(1, 1, -1, -1), 0)} {
		if f := check(Oversold("oversold", "seats", stock0), h); f.Violations > 0 {
			t.Errorf("%+v", f)
		}
	}
}

func TestConservationWithoutOperations(t *testing.T) {
	h := told(5)
	h.Counts, h.Logs = true, nil
	h.Final.Entries = []harness.Entry{{Delta: -1}, {Delta: -1}}
	h.Final.Values[0] = 4
	f := mustSay(t, Conservation(), h, "Stock 0 ends with 4. Its start of 5 and its 2 journal entries make 3")
	if f.Measure != 1 {
		t.Errorf("%+v", f)
	}
}

// TestReplayKnowsWhatToTrust: hints, and reads beside writes, are not judged; gaps in versions are no drift.
func TestReplayKnowsWhatToTrust(t *testing.T) {
	for _, gap := range []int64{1, 1000} {
		s := newSim(1, 5)
		for range 4 {
			s.versions[0] += gap
			s.simple(buy(0), 0)
			s.simple(readAll(1), 0)
		}
		h := s.done()
		if f := check(Conservation(), h); f.Violations > 0 {
			t.Errorf("gap %d: %+v", gap, f)
		}
		stale := func(kind harness.AccessKind) *harness.History {
			return h.Edited(harness.OpID(0, 5), func(_ *harness.Record, as []harness.Access) { as[0].Kind, as[0].Value = kind, 99 })
		}
		if f := check(Conservation(), stale(harness.Checks)); f.Violations > 0 {
			t.Errorf("gap %d: %+v", gap, f)
		}
		mustSay(t, Conservation(), stale(harness.Writes), "Stock 0 was read as 99 at version ", "make 3. Client 0's buy found that")
	}
}

func TestTotalAtTheEnd(t *testing.T) {
	h := told(5, -1)
	h.Final.Values[0] = 3
	c := Total("total", []harness.Cell{0})
	mustSay(t, c, h, "Stock 0 ended with 3 in all instead of 5")
	if f := check(c, told(5, -1)); f.Violations > 0 {
		t.Errorf("%+v", f)
	}
}

// TestTotalTakesOneReadOfACell: a cell that an operation read twice counts once.
func TestTotalTakesOneReadOfACell(t *testing.T) {
	s := newSim(1, 5)
	twice := readAll(1)
	twice.Steps = append(twice.Steps, twice.Steps[0])
	id := s.simple(twice, 0)
	h, c := s.done(), Total("total", []harness.Cell{0})
	if f := check(c, h); f.Violations > 0 {
		t.Errorf("%+v", f)
	}
	mustSay(t, c, h.Edited(id, func(_ *harness.Record, as []harness.Access) { as[0].Value = 4 }), "Stock 0 held 4 in all instead of 5 (4). Client 0's read found that")
}

// TestHintsAreNoLostUpdate: two additions that looked at the same version beforehand may both be there.
func TestHintsAreNoLostUpdate(t *testing.T) {
	s := newSim(2, 5)
	for c := range 2 {
		s.now += 20
		s.do(buy(0), shot{client: c, invoke: s.now, end: s.now, outcome: harness.OK, hides: true})
	}
	h := s.done()
	h.Final.Values[0]++
	if f := mustSay(t, Conservation(), h); strings.Contains(f.Texts[0], "lost") {
		t.Error(f.Texts)
	}
}

// TestLostSalesAddsUpSteps: what takes first and gives back later needed all of it, and what takes twice needed both.
func TestLostSalesAddsUpSteps(t *testing.T) {
	limits := []Limit{{Cells: []harness.Cell{0, 1}}}
	for _, deltas := range [][2]int64{{-3, 2}, {-1, -2}} {
		s := newSim(1, 1, 1)
		op := add("transfer", 0, deltas[0], 0, 1)
		op.Steps = append(op.Steps, add("transfer", 1, deltas[1], 0, 1).Steps...)
		s.simple(op, 0)
		if f := check(LostSales(limits), s.done()); f.Violations > 0 || s.values[0] != 1 {
			t.Errorf("%v: %+v", deltas, f)
		}
	}
}

func TestLostSales(t *testing.T) {
	s := newSim(2, 1)
	s.force = true
	s.simple(buy(0), 0)
	s.simple(cancel(0), 0)
	s.now += 20
	refused := s.do(buy(0), shot{client: 1, invoke: s.now, end: s.now + 9, outcome: harness.Rejected})
	h := s.done()
	mustSay(t, LostSales(stock0), h, "Stock 0 had at least 1 left all through 0.160–0.169 µs. Client 1's buy wanted 1 and was refused")
	for name, edit := range map[string]func(r *harness.Record, as []harness.Access){
		"began before the cancellation was acknowledged": func(r *harness.Record, _ []harness.Access) { r.Invoke = 145 },
		"wanted more than there was":                     func(_ *harness.Record, as []harness.Access) { as[0].Delta = -2 },
	} {
		if f := check(LostSales(stock0), h.Edited(refused, edit)); f.Violations > 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if !LostSales(stock0).Figure {
		t.Error("lost sales are judged")
	}
}

// TestLostSalesAtTheEndOfTime: a refusal comes after a sale also where a file says so of times that none has.
func TestLostSalesAtTheEndOfTime(t *testing.T) {
	for _, at := range []int64{1 << 60, 1<<61 - 1, 1<<61 + 1, 1<<62 - 1, 1 << 62, math.MaxInt64} {
		s := newSim(2, 1)
		s.simple(buy(0), 0)
		s.now += 20
		refused := s.do(buy(0), shot{client: 1, invoke: s.now, end: s.now + 9, outcome: harness.Rejected})
		h := s.done().Edited(refused, func(r *harness.Record, _ []harness.Access) { r.Invoke, r.Begin, r.End = at, at, at })
		if f := check(LostSales(stock0), h); f.Violations > 0 {
			t.Errorf("at %d: %+v", at, f)
		}
	}
}

// TestPlantedOversellingIsFound: however much was there to be sold.
func TestPlantedOversellingIsFound(t *testing.T) {
	for _, much := range []int64{1, 1 << 30, 1 << 51} {
		s := newSim(1, 5)
		s.simple(add("restock", 0, much), 0)
		s.simple(buy(0), 0)
		c := Oversold("oversold", "seats", stock0)
		if bad, ok := c.Plant(s.done()); !ok || check(c, bad).Violations == 0 {
			t.Errorf("%d units: what was planted is not found", much)
		}
	}
}

// TestNoFinalState: a run that was killed is not accused of an empty journal, and cannot vouch for anything.
func TestNoFinalState(t *testing.T) {
	h := told(5, -1)
	h.Final = harness.State{}
	for _, c := range []harness.Checker{Journal(), Conservation(), Oversold("oversold", "seats", stock0), Total("total", []harness.Cell{0}), seatsAndCharges(0)} {
		if f := check(c, h); f.Violations > 0 {
			t.Errorf("%s: %+v", c.Name, f)
		}
	}
	if _, ok := Journal().Plant(h); ok {
		t.Error("journal vouches for a journal that nobody read")
	}
	if _, ok := Conservation().Plant(h); ok {
		t.Error("conservation vouches for cells that nobody read")
	}
}

func TestOrdinal(t *testing.T) {
	var got []string
	for _, n := range []int64{1, 2, 3, 4, 11, 12, 13, 21, 102, 111} {
		got = append(got, ordinal(n))
	}
	if s := strings.Join(got, " "); s != "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th" {
		t.Error(s)
	}
}
