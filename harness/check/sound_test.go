package check

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

var worlds = []string{"seats", "transfer", "joint", "checkout"}

// TestCorrectHistoriesAreNeverAccused: whatever a serial store does is right, and each check must see a planted corruption of
// the same history.
func TestCorrectHistoriesAreNeverAccused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.SampledFrom(worlds).Draw(t, "world"), 2)
		s := drawSim(t, w)
		drawOps(t, w, s, rapid.IntRange(0, 40).Draw(t, "ops"))
		h := s.done()
		slices.Reverse(h.Final.Entries)
		for _, c := range w.checks {
			if f := check(c, h); !c.Figure && f.Violations > 0 {
				t.Fatalf("%s: %+v", c.Name, f)
			}
			bad, ok := c.Plant(h)
			if ok && check(c, bad).Violations == 0 {
				t.Fatalf("%s does not see its own plant", c.Name)
			}
			if !ok && c.Name != "lost-sales" && acked(h, w) {
				t.Fatalf("%s has nothing to plant", c.Name)
			}
		}
	})
}

// acked reports whether the history gives every check something to corrupt.
func acked(h *harness.History, w *world) bool {
	took, entry := false, false
	for r := range h.Ops() {
		for _, a := range r.Accesses {
			took = took || r.Outcome == harness.OK && a.Delta < 0 && w.limited(a.Cell)
			entry = entry || r.Outcome == harness.OK && a.Delta != 0
		}
	}
	return took && entry
}

// TestPlantSharesNothing: planting leaves the history as it was.
func TestPlantSharesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("transfer", 2)
		s := drawSim(t, w)
		drawOps(t, w, s, 30)
		h := s.done()
		for _, c := range w.checks {
			before := check(c, h)
			if bad, ok := c.Plant(h); ok {
				check(c, bad)
			}
			if after := check(c, h); before.Violations != after.Violations {
				t.Fatalf("%s: planting changed the history", c.Name)
			}
		}
	})
}

// around draws a history with room on cell 0, and calls anomaly in its midst.
func around(t *rapid.T, w *world, anomaly func(s *sim, client int)) *harness.History {
	s := newSim(4, 20, 20)
	drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "before"))
	client := s.addClient(77)
	anomaly(s, client)
	s.now += 100
	drawOps(t, w, s, rapid.IntRange(0, 15).Draw(t, "after"))
	return s.done()
}

func TestLostUpdateIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("seats", 2)
		h := around(t, w, func(s *sim, client int) {
			s.losing(0, client, buy(0), cancel(0))
		})
		if h.Final.Values[0] == 20+sumOf(h, 0) {
			t.Fatal("the simulator lost nothing")
		}
		mustSay(t, Conservation(), h, ": one update was lost", "77")
	})
}

// TestCancellingLostUpdatesAreFound: the total balances, and the replay still finds both.
func TestCancellingLostUpdatesAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("seats", 2)
		h := around(t, w, func(s *sim, client int) {
			for _, pair := range [][2]harness.Op{{buy(0), cancel(0)}, {cancel(0), buy(0)}} {
				s.losing(0, client, pair[0], pair[1])
				s.simple(readAll(2), client)
			}
		})
		if h.Final.Values[0] != 20+sumOf(h, 0) {
			t.Fatal("the simulator's losses do not cancel out")
		}
		mustSay(t, Conservation(), h, " in stock 0 (version ", " wrote it, at ", ": one update was lost", "77")
	})
}

func sumOf(h *harness.History, c harness.Cell) int64 {
	var sum int64
	for _, e := range h.Final.Entries {
		if e.Cell == c {
			sum += e.Delta
		}
	}
	return sum
}

func TestOversellIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("seats", 2)
		h := around(t, w, func(s *sim, client int) {
			s.now += 100
			for s.values[0] > 0 {
				s.simple(buy(0), client)
			}
			s.force = true
			s.simple(buy(0), client)
			s.force = false
		})
		mustSay(t, w.checks[0], h, "Stock 0")
	})
}

func TestJournalAnomaliesAreNamed(t *testing.T) {
	anomalies := map[string]func(h *harness.History, ok, rejected, unknown int64){
		"lost": func(h *harness.History, ok, _, _ int64) {
			h.Final.Entries = slices.DeleteFunc(h.Final.Entries, func(e harness.Entry) bool { return e.Op == ok })
		},
		"half done": func(h *harness.History, ok, _, _ int64) { dropOne(h, ok) },
		"got no answer, and the journal has the rest": func(h *harness.History, _, _, unknown int64) { dropOne(h, unknown) },
		"told that it was rejected": func(h *harness.History, _, rejected, _ int64) {
			h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: rejected, Cell: 0, Delta: -1, Version: 1000})
		},
		"never sent": func(h *harness.History, _, _, _ int64) {
			h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(9, 4), Delta: -1, Version: 1000})
		},
		"does not change": func(h *harness.History, ok, _, _ int64) {
			h.Start.Values, h.Final.Values = append(h.Start.Values, 1), append(h.Final.Values, 0)
			h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: ok, Cell: 2, Delta: -1, Version: 1})
		},
		"the entry is doubled": func(h *harness.History, ok, _, _ int64) {
			h.Final.Entries = append(h.Final.Entries, entryOf(h, ok))
		},
		"the delta is wrong": func(h *harness.History, ok, _, _ int64) {
			i := slices.Index(h.Final.Entries, entryOf(h, ok))
			h.Final.Entries[i].Delta--
		},
	}
	for words, corrupt := range anomalies {
		t.Run(words, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var ok, rejected, unknown int64
				h := around(t, newWorld("transfer", 2), func(s *sim, client int) {
					ok = s.simple(move2(0, 1, 1), client)
					rejected = s.simple(move2(0, 1, 1000), client)
					s.now += 20
					unknown = s.do(move2(1, 0, 1), shot{client: client, invoke: s.now, end: s.now, outcome: harness.Unknown, happens: true})
				})
				if len(h.Final.Entries) < 4 || !has(h, ok) || !has(h, unknown) {
					t.Skip("account empty")
				}
				corrupt(h, ok, rejected, unknown)
				mustSay(t, Journal(), h, words)
			})
		})
	}
}

func has(h *harness.History, id int64) bool {
	return slices.ContainsFunc(h.Final.Entries, func(e harness.Entry) bool { return e.Op == id })
}

func entryOf(h *harness.History, id int64) harness.Entry {
	return h.Final.Entries[slices.IndexFunc(h.Final.Entries, func(e harness.Entry) bool { return e.Op == id })]
}

func dropOne(h *harness.History, id int64) {
	i := slices.Index(h.Final.Entries, entryOf(h, id))
	h.Final.Entries = slices.Delete(h.Final.Entries, i, i+1)
}

func TestTornReadIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld("transfer", 2)
		var read int64
		h := around(t, w, func(s *sim, client int) {
			s.simple(move2(0, 1, 1), client)
			read = s.simple(readAll(2), client)
		})
		h = h.Edited(read, func(_ *harness.Record, as []harness.Access) { as[1].Value-- })
		mustSay(t, w.checks[4], h, "Client 77's read", "39 in all instead of 40")
		mustSay(t, Conservation(), h, "Client 77's read")
	})
}
