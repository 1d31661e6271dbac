package check

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Conservation holds each cell against its journal: in the end, and at each version that an operation found, it must hold
// its start plus its entries. The replay catches what a total hides: two lost updates that cancel out (and, with them, the
// measure is what the cell was off by on the way). Without operations it judges the end alone. Where the store keeps no journal, it
// holds the end against what clients were told.
func Conservation() harness.Checker {
	return harness.Checker{
		Name: "conservation", Rule: "each cell holds its start plus its journal entries, at the end and on the way", Unit: "units",
		Check: func(_ context.Context, h *harness.History) harness.Finding { return conserved(h) },
		Plant: func(h *harness.History) (*harness.History, bool) {
			if ended(h) && h.Start.Journal == "" && len(h.Final.Values) > 0 {
				_, most := ackedBounds(h)
				return withFinalValue(h, 0, most[0]-h.Final.Values[0]+1), true
			}
			if !ended(h) || len(h.Final.Entries) == 0 {
				return nil, false
			}
			return withFinalValue(h, 0, 1), true
		},
	}
}

func conserved(h *harness.History) harness.Finding {
	var f harness.Finding
	switch {
	case !ended(h):
		return f
	case h.Start.Journal == "":
		return ackedConserved(h)
	}
	led := newLedger(h)
	drifts := led.drifts(h)
	var spare []event
	for c := range led {
		drifts[c], spare = sorted(h.Spool, drifts[c], spare)
		led.judge(h, harness.Cell(c), drifts[c], &f)
	}
	return f
}

// off is by how much the value that an operation found differs from what the journal explains; 0 where there is nothing to
// compare, or the operation does not vouch for the value: kind is what it vouches for.
func (led ledger) off(a *harness.Access, kind harness.AccessKind) int64 {
	if a.Kind != kind || a.Value == harness.NotSeen || a.Version == harness.NotSeen || !led[a.Cell].versioned {
		return 0
	}
	return a.Value - led[a.Cell].at(a.Version)
}

// vouched is the kind of accesses whose values the operation vouches for: what its writes acted upon, and what it read if it
// wrote nothing.
func vouched(r *harness.Recorded) harness.AccessKind {
	if r.Wrote() {
		return harness.Writes
	}
	return harness.Reads
}

// drifts replays the journal against every value that an operation vouches for, and returns those that differ, by cell: the
// version as key, and the difference.
func (led ledger) drifts(h *harness.History) [][]event {
	found := make([][]event, len(led))
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		kind := vouched(&r)
		for i := range r.Accesses {
			a := &r.Accesses[i]
			if by := led.off(a, kind); by != 0 {
				found[a.Cell] = spool.Append(h.Spool, found[a.Cell], event{a.Version, by})
			}
		}
	}
	return found
}

// judge counts each change of what the cell is off by once, however many operations met it afterwards.
func (led ledger) judge(h *harness.History, cell harness.Cell, drifts []event, f *harness.Finding) {
	var off, most int64
	for _, d := range drifts {
		if most = max(most, abs(d.delta)); d.delta != off {
			off = d.delta
			f.Add(led.driftTeller(h, f, cell, d))
		}
	}
	a := &led[cell]
	end := h.Final.Values[cell] - a.end
	if end != 0 && end != off {
		f.Add(func() string {
			return fmt.Sprintf("%s ends with %d. Its start of %d and its %s make %d", sentence(h.Start.CellName(cell)),
				h.Final.Values[cell], h.Start.Values[cell], entries(a.entries), a.end) + lostBelow(h, f, cell, harness.NotSeen)
		})
	}
	if end == 0 {
		f.Measure += most
	}
	f.Measure += abs(end)
}

func (led ledger) driftTeller(h *harness.History, f *harness.Finding, cell harness.Cell, d event) func() string {
	return func() string {
		r, a := led.met(h, cell, d)
		f.Involve(r.ID)
		return fmt.Sprintf("%s was read as %d at version %d. Its start of %d and its journal up to there make %d. %s found that %s",
			sentence(h.Start.CellName(cell)), a.Value, a.Version, h.Start.Values[cell], a.Value-d.delta, sentence(opOf(h, &r)), h.When(&r)) +
			lostBelow(h, f, cell, a.Version)
	}
}

// met finds the first operation that met a drift.
func (led ledger) met(h *harness.History, cell harness.Cell, d event) (harness.Recorded, harness.Access) {
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		kind := vouched(&r)
		for i := range r.Accesses {
			if a := &r.Accesses[i]; a.Cell == cell && a.Version == d.key && led.off(a, kind) == d.delta {
				return r, *a
			}
		}
	}
	return harness.Recorded{}, harness.Access{}
}

// lostBelow names the two operations of which one undid the other, before the cell got to the version (NotSeen: ever).
func lostBelow(h *harness.History, f *harness.Finding, cell harness.Cell, version int64) string {
	text := rivals(h, f, cell, "wrote it", func(_ int64, a *harness.Access) bool {
		return a.Kind == harness.Writes && (version == harness.NotSeen || a.Version < version)
	})
	if text == "" {
		return ""
	}
	return ". " + text + ": one update was lost"
}

// entries is "1 journal entry", "2 journal entries".
func entries(n int) string {
	if n == 1 {
		return "1 journal entry"
	}
	return fmt.Sprintf("%d journal entries", n)
}
