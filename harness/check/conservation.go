package check

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

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
	case h.Terse && endsOtherwise(h):
		f.Violations = 1
		return f
	}
	led := newLedger(h)
	drifts := led.drifts(h)
	var spare []event
	for c := range led {
		d := &drifts[c]
		d.others, spare = sorted(h, d.others, spare)
		led.judge(h, harness.Cell(c), d, &f)
	}
	return f
}

// endsOtherwise reports whether a cell ends with other than its start plus its journal entries.
func endsOtherwise(h *harness.History) bool {
	ends := slices.Clone(h.Start.Values)
	for _, part := range pieces(h, h.Final.Entries) {
		for i := range part {
			if e := &part[i]; uint(e.Cell) < uint(len(ends)) {
				ends[e.Cell] += e.Delta
			}
		}
	}
	return !slices.Equal(ends, h.Final.Values)
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

// drifts are by how much values that operations found of a cell differ from its journal. After a lost update nearly all do: so there is a place for each
// version, and not a list that has to be sorted.
type drifts struct {
	first  int64   // version
	by     []int64 // from there on, of who found the version first; 0: nobody found another value than the journal's
	others []event // the version as key, and the difference: of who found something else at the same version, and of versions without a place
}

// add notes a difference at a version. Who found the same as the first one there says nothing new.
func (d *drifts) add(h *harness.History, a *account, version, by int64) {
	if d.by == nil && a.versions == nil {
		d.first, d.by = a.first, spool.Make[int64](h.Spool, len(a.values), len(a.values))
	}
	if i := version - d.first; i >= 0 && i < int64(len(d.by)) {
		switch d.by[i] {
		case by:
			return
		case 0:
			d.by[i] = by
			return
		}
	}
	d.others = spool.Append(h.Spool, d.others, event{version, by})
}

// each calls f with the differences by version: at each, that of the first one who found it, and then the others.
func (d *drifts) each(h *harness.History, f func(event)) {
	others := d.others
	for from, part := range pieces(h, d.by) {
		for i, by := range part {
			version := d.first + int64(from+i)
			for len(others) > 0 && others[0].key() < version {
				f(others[0])
				others = others[1:]
			}
			if by != 0 {
				f(event{version, by})
			}
		}
	}
	for _, part := range pieces(h, others) {
		for _, e := range part {
			f(e)
		}
	}
}

// drifts replays the journal against every value that an operation vouches for, and returns what differs, by cell.
func (led ledger) drifts(h *harness.History) []drifts {
	found := make([]drifts, len(led))
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		kind := vouched(&r)
		for i := range r.Accesses {
			a := &r.Accesses[i]
			if by := led.off(a, kind); by != 0 {
				found[a.Cell].add(h, &led[a.Cell], a.Version, by)
			}
		}
	}
	return found
}

// judge counts each change of what the cell is off by once, however many operations met it afterwards.
func (led ledger) judge(h *harness.History, cell harness.Cell, drifts *drifts, f *harness.Finding) {
	var off, most int64
	var changes []event // the first
	drifts.each(h, func(d event) {
		most = max(most, abs(d.delta()))
		switch {
		case d.delta() == off:
			return
		case len(changes) < harness.MaxTexts:
			changes = append(changes, d)
		default:
			f.Violations++
		}
		off = d.delta()
	})
	led.explainDrifts(h, f, cell, changes)
	a := &led[cell]
	end := h.Final.Values[cell] - a.end
	if end != 0 && end != off {
		f.Add(func() string {
			return fmt.Sprintf("%s ends with %d. Its start of %d and its %s make %d", sentence(h.Start.CellName(cell)),
				h.Final.Values[cell], h.Start.Values[cell], entries(a.entries), a.end) + lostEver(h, f, cell)
		})
	}
	if end == 0 {
		f.Measure += most
	}
	f.Measure += abs(end)
}

// explainDrifts adds the first changes of what a cell is off by. What operations found below the last of them is gathered once for all.
func (led ledger) explainDrifts(h *harness.History, f *harness.Finding, cell harness.Cell, changes []event) {
	below := sync.OnceValue(func() []sighting { return wroteBelow(h, cell, changes[len(changes)-1].key()) })
	for _, d := range changes {
		f.Add(func() string {
			r, a := led.met(h, cell, d)
			f.Involve(r.ID)
			seen := below()
			for len(seen) > 0 && seen[0].Version >= a.Version {
				seen = seen[1:]
			}
			return fmt.Sprintf("%s was read as %d at version %d. Its start of %d and its journal up to there make %d. %s found that %s",
				sentence(h.Start.CellName(cell)), a.Value, a.Version, h.Start.Values[cell], a.Value-d.delta(), sentence(opOf(h, &r)), h.When(&r)) +
				lost(h, f, cell, seen)
		})
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
			if a := &r.Accesses[i]; a.Cell == cell && a.Version == d.key() && led.off(a, kind) == d.delta() {
				return r, *a
			}
		}
	}
	return harness.Recorded{}, harness.Access{}
}

// lostEver is lost of all that operations found of the cell.
func lostEver(h *harness.History, f *harness.Finding, cell harness.Cell) string {
	return lost(h, f, cell, wroteBelow(h, cell, math.MaxInt64))
}

// wroteBelow is what operations that wrote the cell found of it below a version.
func wroteBelow(h *harness.History, cell harness.Cell, version int64) []sighting {
	return sightings(h, cell, never, func(_ int64, a *harness.Access) bool { return a.Kind == harness.Writes && a.Version < version })
}

// lost names the two operations of which one undid the other.
func lost(h *harness.History, f *harness.Finding, cell harness.Cell, seen []sighting) string {
	text := rivals(h, f, cell, "wrote it", seen)
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
