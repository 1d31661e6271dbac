package check

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// cut takes away what some workers did last: of three, those that are drawn are lost, and of each of their processes any number of
// operations is missing, up to all. A client stays with its worker, as whichever process it goes on after an operation that was not answered.
func cut(t *rapid.T, h *harness.History) *harness.History {
	lost := rapid.IntRange(1, 7).Draw(t, "lost")
	c := *h
	c.Clocks, c.Logs = nil, nil
	for i, name := range []string{"w1", "w2", "w3"} {
		clock := harness.Clock{Name: name}
		if lost>>i&1 != 0 {
			clock.Missing = "fell silent"
		}
		c.Clocks = append(c.Clocks, clock)
	}
	for _, l := range h.Logs {
		own := &harness.Log{Process: l.Process, Clock: int(l.Process) % nextProcess % 3}
		keep := l.Len()
		if c.Clocks[own.Clock].Missing != "" {
			keep = rapid.IntRange(0, l.Len()).Draw(t, "keep")
		}
		for i := range keep {
			r := l.At(i)
			own.Append(*r.Record, r.Accesses...)
		}
		if own.Len() > 0 {
			c.Logs = append(c.Logs, own)
		}
	}
	return &c
}

// order is an operation that was acknowledged and not undone.
type order struct {
	id   int64
	cell harness.Cell
}

// drawOrders has clients buy, and cancel what they bought, as they do in seats.
func drawOrders(t *rapid.T, s *sim, cells, n int) {
	held := make([][]order, len(s.free))
	for range n {
		s.now += rapid.Int64Range(0, 12).Draw(t, "pause")
		c := rapid.IntRange(0, len(s.free)-1).Draw(t, "client")
		if s.free[c] >= s.now {
			s.now = s.free[c] + 1
		}
		sh := shot{client: c, invoke: rapid.Int64Range(s.free[c], s.now).Draw(t, "invoke"), end: s.now + rapid.Int64Range(0, 40).Draw(t, "wait"), outcome: harness.OK}
		fate := rapid.IntRange(0, 11).Draw(t, "fate")
		if fate > 9 {
			sh.outcome, sh.happens = harness.Unknown, fate == 11
		}
		back := len(held[c]) > 0 && rapid.IntRange(0, 2).Draw(t, "cancel") == 0
		o := order{cell: harness.Cell(rapid.IntRange(0, cells-1).Draw(t, "cell"))}
		op := buy(o.cell)
		if back {
			i := rapid.IntRange(0, len(held[c])-1).Draw(t, "order")
			o = held[c][i]
			held[c] = slices.Delete(held[c], i, i+1)
			op = cancel(o.cell)
			op.Undoes = o.id
		}
		id := s.do(op, sh)
		log := s.logs[harness.OpProcess(id)]
		r := log.At(log.Len() - 1)
		if r.Undoes = op.Undoes; !back && r.Outcome == harness.OK {
			held[c] = append(held[c], order{id, o.cell})
		}
	}
}

// returning are the limits, of which nothing comes back but what the same client took.
func returning(all []Limit) []Limit {
	own := slices.Clone(all)
	for i := range own {
		own[i].Returns = true
	}
	return own
}

// TestCutHistoriesAreNeverAccused: whatever a lost worker's last operations were, what a serial store did is right.
func TestCutHistoriesAreNeverAccused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		world := rapid.SampledFrom(append([]string{"orders"}, worlds...)).Draw(t, "world")
		n := rapid.IntRange(0, 40).Draw(t, "ops")
		w := newWorld(strings.Replace(world, "orders", "seats", 1), 2)
		s := drawSim(t, w)
		if world == "orders" {
			w.checks[0] = Oversold("oversold", "seats", returning(w.limits))
			drawOrders(t, s, 2, n)
		} else {
			drawOps(t, w, s, n)
		}
		h := cut(t, s.done())
		for _, c := range w.checks {
			if f := check(c, h); f.Violations > 0 {
				t.Fatalf("%s: %+v", c.Name, f)
			}
		}
		if f := ackedConserved(h); f.Violations > 0 || f.Unable == "" {
			t.Fatalf("%+v", f)
		}
	})
}

// TestCutHistoriesProve: what broke is found where what is left of the history shows it, and only there.
func TestCutHistoriesProve(t *testing.T) {
	seats := Oversold("oversold", "seats", returning(stock0))
	sell := func(clients ...int) *sim {
		s := newSim(6, 1)
		s.force = true
		for _, c := range clients {
			s.simple(buy(0), c)
		}
		return s
	}
	lost := func(h *harness.History) *harness.History {
		for _, l := range h.Logs {
			l.Clock = int(l.Process) % 3
		}
		h.Clocks = []harness.Clock{{Name: "w1"}, {Name: "w2", Missing: "fell silent"}, {Name: "w3"}}
		return h
	}
	told := func(s *sim) *harness.History {
		h := s.done()
		h.Final = harness.State{} // what clients were told is all there is
		return lost(h)
	}
	mustSay(t, seats, told(sell(0, 2)), "Client 2 was told ok for the 2nd")
	if f := check(seats, told(sell(0, 1))); f.Violations > 0 {
		t.Errorf("the lost client may have cancelled: %+v", f)
	}
	if f := check(Oversold("oversold", "seats", stock0), told(sell(0, 2))); f.Violations > 0 {
		t.Errorf("what is lost may have added: %+v", f)
	}
	mustSay(t, seats, lost(sell(0, 1).done()), "Stock 0 was at -1 from version 2 on, by its journal")
	s := newSim(6, 5, 5)
	s.losing(1, 0, buy(1), buy(1))
	mustSay(t, Conservation(), lost(s.done()), "one update was lost")
	h := sell(0, 1).done()
	h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(1, 2), Cell: 0, Delta: 1, Version: 3}, harness.Entry{Op: harness.OpID(1001, 1), Cell: 0, Delta: 1, Version: 4})
	if f := check(Journal(), lost(h)); f.Violations > 0 {
		t.Errorf("entries of operations that are lost: %+v", f)
	}
	h.Final.Entries = append(h.Final.Entries, harness.Entry{Op: harness.OpID(0, 2), Cell: 0, Delta: 1, Version: 5})
	mustSay(t, Journal(), lost(h), "That operation was never sent")
	h.Final.Entries = h.Final.Entries[1:4]
	mustSay(t, Journal(), lost(h), "it is lost")
}
