package check

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Oversold demands that no limit's sum ever falls below its minimum, by three kinds of evidence: what clients were told,
// what the store holds, and what was read from it. The measure is how many units are beyond the limits: of what the kinds
// say about a limit, the largest. name is "oversold" for seats and "overdrawn" for money; unit is what a unit of a cell is.
func Oversold(name, unit string, all []Limit) harness.Checker {
	var known sync.Map // by the number of cells, the limits that count each: explore has a small history checked a hundred thousand times a second
	return harness.Checker{
		Name: name, Rule: "nobody is given more than there is", Unit: unit, NeedsOps: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding {
			cells := len(h.Start.Values)
			byCell, ok := known.Load(cells)
			if !ok {
				byCell, _ = known.LoadOrStore(cells, limitsByCell(all, cells))
			}
			return oversold(h, &limits{all: all, byCell: byCell.([][]int32), unit: unit})
		},
		Plant: func(h *harness.History) (*harness.History, bool) { return plantOversold(h, all) },
	}
}

// breach is what one kind of evidence says about one limit.
type breach struct {
	times  int64 // how often the sum came to a new low
	beyond int64 // how far below the minimum
	tell   func() string
}

// deepen notes a sum below the minimum, and reports whether it is the first. Only what is lower than ever before counts,
// so that one unit too many does not accuse every later operation.
func (b *breach) deepen(beyond int64) (first bool) {
	if beyond <= b.beyond {
		return false
	}
	b.times++
	b.beyond = beyond
	return b.times == 1
}

func oversold(h *harness.History, ls *limits) harness.Finding {
	seen := clockViews(h)
	events, read := make([][][]event, len(seen)), []breach(nil)
	for i, v := range seen {
		events[i], read = ls.heard(v)
	}
	var f harness.Finding
	ls.finding = &f
	told := make([]breach, len(ls.all))
	var spare []event
	for i := range told {
		for n, v := range seen {
			events[n][i], spare = sorted(h, events[n][i], spare)
			ls.explainOversold(v, i, events[n][i], &told[i])
		}
		if h.Terse && told[i].times > 0 {
			f.Violations = 1
			return f
		}
	}
	var led ledger
	if ended(h) {
		led = newLedger(h)
	}
	for i := range ls.all {
		var held breach
		if led != nil {
			ls.held(h, i, led, &held)
		}
		f.Violations += max(told[i].times, held.times, read[i].times)
		f.Measure += max(told[i].beyond, held.beyond, read[i].beyond)
		for _, b := range []breach{told[i], held, read[i]} {
			if b.tell != nil && !h.Terse && len(f.Texts) < harness.MaxTexts {
				f.Texts = append(f.Texts, b.tell())
			}
		}
	}
	return f
}

// heard gathers, by limit, what clients were told: additions that may have happened, from their invocation on, and
// subtractions that did happen, from their answer on. An unknown subtraction may never happen. On the way it looks at the
// values that were read.
func (ls *limits) heard(v clockView) (events [][]event, read []breach) {
	events, read = make([][]event, len(ls.all)), make([]breach, len(ls.all))
	up, down := ls.room(v.h)
	for i := range events {
		events[i] = spool.Make[event](v.h.Spool, 0, up[i]+down[i])
	}
	stays := ls.stays(v.h)
	floor, owner := ls.floors(len(v.h.Start.Values))
	var room [4]move
	moves := room[:0]
	for r, margin := range v.ops() {
		if r.Outcome != harness.OK && r.Outcome != harness.Unknown {
			continue
		}
		moves = ls.moves(moves, r.Accesses)
		for _, m := range moves {
			switch {
			case m.net > 0:
				events[m.limit] = spool.Append(v.h.Spool, events[m.limit], newEvent(earliest(r.Invoke, margin), m.net))
			case m.net < 0 && r.Outcome == harness.OK && stays(int(m.limit), r.ID):
				events[m.limit] = spool.Append(v.h.Spool, events[m.limit], newEvent(latest(r.End, margin), m.net))
			}
		}
		if len(moves) > 0 || r.Outcome != harness.OK || r.Wrote() {
			continue
		}
		for i := range r.Accesses {
			a := &r.Accesses[i]
			if a.Value >= floor[a.Cell] || a.Value == harness.NotSeen {
				continue
			}
			if b := &read[owner[a.Cell]]; b.deepen(floor[a.Cell] - a.Value) {
				b.tell = ls.explainRead(v.h, r.ID, *a)
			}
		}
	}
	return events, read
}

// stays reports whether what an acknowledged operation took counts as taken. Where a worker was lost, operations that nobody knows of may have
// added to a limit: anything, or, if all that comes back is what the same client took, at most what its own clients took and are not known to have
// given back.
func (ls *limits) stays(h *harness.History) func(limit int, id int64) bool {
	if h.Cut() == "" {
		return func(int, int64) bool { return true }
	}
	lost, undone := map[int32]bool{}, map[int64]bool{}
	for _, l := range h.Logs {
		if h.Clocks[l.Clock].Missing == "" {
			continue
		}
		lost[l.Process] = true
		for r := range h.OpsOf(l) {
			if r.Undoes != 0 && (r.Outcome == harness.OK || r.Outcome == harness.Unknown) {
				undone[r.Undoes] = true
			}
		}
	}
	return func(limit int, id int64) bool {
		return ls.all[limit].Returns && (!lost[harness.OpProcess(id)] || undone[id])
	}
}

// floors is, by cell, the highest minimum that a limit sets for the cell alone, and which limit that is.
func (ls *limits) floors(cells int) (floor []int64, owner []int) {
	floor, owner = make([]int64, cells), make([]int, cells)
	for c := range floor {
		floor[c] = math.MinInt64
	}
	for i := range ls.all {
		if l := &ls.all[i]; len(l.Cells) == 1 && l.Min > floor[l.Cells[0]] {
			floor[l.Cells[0]], owner[l.Cells[0]] = l.Min, i
		}
	}
	return floor, owner
}

func (ls *limits) explainRead(h *harness.History, id int64, a harness.Access) func() string {
	return func() string {
		r, _ := h.Finder()(id)
		ls.finding.Involve(id)
		return fmt.Sprintf("%s was at %d. %s found that %s", sentence(h.Start.CellName(a.Cell)), a.Value, sentence(opOf(h, &r)), h.When(&r))
	}
}

// told goes through the most that the limit's sum can have been at each moment.
func (ls *limits) explainOversold(v clockView, limit int, events []event, b *breach) {
	l := &ls.all[limit]
	sum := l.sum(v.h.Start.Values)
	for from, part := range pieces(v.h, events) {
		for i := range part {
			if sum += part[i].delta(); sum < l.Min && b.deepen(l.Min-sum) {
				upTo := events[:from+i+1]
				b.tell = func() string { return ls.explainAcked(v, limit, upTo) }
			}
		}
	}
}

// held looks at what the store holds: each version of the cell by its journal, and the end by journal and by value.
func (ls *limits) held(h *harness.History, limit int, led ledger, b *breach) {
	l := &ls.all[limit]
	if len(l.Cells) == 1 && led[l.Cells[0]].versioned {
		a := &led[l.Cells[0]]
		for from, part := range pieces(h, a.values) {
			for i, value := range part {
				if value < l.Min && b.deepen(l.Min-value) {
					version := a.version(from + i)
					b.tell = func() string { return ls.explainVersion(h, l.Cells[0], version, value) }
				}
			}
		}
	}
	var end int64
	for _, c := range l.Cells {
		end += led[c].end
	}
	if end < l.Min && b.deepen(l.Min-end) {
		b.tell = func() string {
			return fmt.Sprintf("%s ends with %d by its journal. It started with %d", sentence(l.name(h)), end, l.sum(h.Start.Values))
		}
	}
	if value := l.sum(h.Final.Values); value < l.Min && b.deepen(l.Min-value) {
		b.tell = func() string { return fmt.Sprintf("%s ends with %d", sentence(l.name(h)), value) }
	}
}

func (ls *limits) explainVersion(h *harness.History, cell harness.Cell, version, value int64) string {
	text := fmt.Sprintf("%s was at %d from version %d on, by its journal", sentence(h.Start.CellName(cell)), value, version)
	find := h.Finder()
	for _, part := range pieces(h, h.Final.Entries) {
		for _, e := range part {
			if e.Cell != cell || e.Version != version {
				continue
			}
			if r, ok := find(e.Op); ok {
				ls.finding.Involve(r.ID)
				return fmt.Sprintf("%s. %s wrote that version %s", text, sentence(opOf(h, &r)), h.When(&r))
			}
		}
	}
	return text
}

// plantOversold makes one acknowledged operation take one more than there can ever have been.
func plantOversold(h *harness.History, all []Limit) (*harness.History, bool) {
	ls := newLimits(all, len(h.Start.Values))
	victim, limit, ok := ls.taker(h)
	if !ok {
		return nil, false
	}
	l := &all[limit]
	most := l.sum(h.Start.Values) - l.Min
	var moves []move
	for r := range h.Ops() {
		moves = ls.moves(moves, r.Accesses)
		for _, m := range moves {
			if int(m.limit) == limit {
				most += m.net - m.takes
			}
		}
	}
	return h.Edited(victim, func(_ *harness.Record, accesses []harness.Access) {
		for i := range accesses {
			if a := &accesses[i]; a.Delta < 0 && ls.counts(limit, a.Cell) {
				a.Delta -= most + 1
				return
			}
		}
	}), true
}

// taker finds an acknowledged operation that took from a limit.
func (ls *limits) taker(h *harness.History) (id int64, limit int, ok bool) {
	var moves []move
	for r := range h.Ops() {
		if r.Outcome != harness.OK {
			continue
		}
		moves = ls.moves(moves, r.Accesses)
		for _, m := range moves {
			if m.net < 0 {
				return r.ID, int(m.limit), true
			}
		}
	}
	return 0, 0, false
}

func (ls *limits) counts(limit int, c harness.Cell) bool {
	for _, l := range ls.byCell[c] {
		if int(l) == limit {
			return true
		}
	}
	return false
}
