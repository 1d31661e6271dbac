package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Journal holds what clients were told against the journal: what an acknowledged operation wrote is there exactly once, an
// unknown one is there wholly or not at all, and nothing else is there. What an operation wrote and took back later, as one does that
// compensates what a payment service declined, is as if it were not there. The measure is the violations: operations of which
// something is missing, and entries that are too many or wrong.
func Journal() harness.Checker {
	return harness.Checker{
		Name: "journal", Rule: "each acknowledged operation is in the journal exactly once, and nothing that did not happen is",
		Unit: "operations", NeedsOps: true, NeedsJournal: true, NoOverlap: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding { return journal(h) }, Plant: plantJournal,
	}
}

// clerk compares operations with their entries.
type clerk struct {
	h     *harness.History
	first map[int32]int // by process: how many operations are counted before its own
	wants []want
	f     harness.Finding
}

// want is what an operation's entry for a cell must say.
type want struct {
	cell  harness.Cell
	delta int64
	got   int
}

func journal(h *harness.History) harness.Finding {
	if !ended(h) {
		return harness.Finding{}
	}
	k := &clerk{h: h, first: make(map[int32]int, len(h.Logs))}
	n := 0
	for _, l := range h.Logs {
		k.first[l.Process] = n
		n += l.Len()
	}
	order, next := k.byOperation(k.positions(), n)
	var of *harness.Log
	first := 0
	for l, r := range h.Together(h.Logs) {
		if l != of {
			of, first = l, k.first[l.Process]
		}
		p := first + harness.OpSeq(r.ID) - 1
		k.compare(&r, order[next[p]:next[p+1]])
		if h.Terse && k.f.Violations > 0 {
			break
		}
	}
	k.f.Measure = k.f.Violations
	return k.f
}

// byOperation puts entries in the order of their operations, of which there are n, by a counting sort: operation p has order[next[p]:next[p+1]].
func (k *clerk) byOperation(pos []int32, n int) (order, next []int32) {
	next = spool.Make[int32](k.h.Spool, n+2, n+2)
	for _, part := range pieces(k.h, pos) {
		for _, p := range part {
			if p >= 0 {
				next[p+2]++
			}
		}
	}
	in := int32(0)
	for _, part := range pieces(k.h, next) {
		for i := range part {
			in += part[i]
			part[i] = in
		}
	}
	order = spool.Make[int32](k.h.Spool, int(in), int(in))
	for from, part := range pieces(k.h, pos) {
		for i, p := range part {
			if p >= 0 {
				order[next[p+1]] = int32(from + i)
				next[p+1]++
			}
		}
	}
	return order, next
}

// positions says which operation (counted over the whole history) each entry names, and reports entries that name none.
func (k *clerk) positions() []int32 {
	const missing = -1
	lens := make(map[int32]int, len(k.h.Logs))
	for _, l := range k.h.Logs {
		lens[l.Process] = l.Len()
	}
	lacks := k.h.Lacks()
	pos := spool.Make[int32](k.h.Spool, len(k.h.Final.Entries), len(k.h.Final.Entries))
	process, base, count := int32(-1), 0, 0
	for from, part := range pieces(k.h, k.h.Final.Entries) {
		for i := range part {
			id, at := part[i].Op, from+i
			if p := harness.OpProcess(id); p != process {
				process, base, count = p, k.first[p], lens[p]
			}
			seq := harness.OpSeq(id)
			if seq < 1 || seq > count {
				pos[at] = missing
				if !lacks(id) {
					k.explainEntry(id, int32(at), "That operation was never sent: the entry is invented")
				}
				continue
			}
			pos[at] = int32(base + seq - 1)
		}
	}
	return pos
}

// compare judges one operation by its entries.
func (k *clerk) compare(r *harness.Recorded, entries []int32) {
	entries = k.lasting(r, entries)
	if r.Outcome != harness.OK && r.Outcome != harness.Unknown {
		for _, e := range entries {
			k.explainEntry(r.ID, e, "The client "+answers[r.Outcome]+": the entry is invented")
		}
		return
	}
	k.expect(r)
	for _, e := range entries {
		k.match(r, e)
	}
	missing := 0
	for i := range k.wants {
		if k.wants[i].got == 0 {
			missing++
		}
	}
	if missing > 0 && (r.Outcome == harness.OK || missing < len(k.wants)) {
		k.explainMissing(r.ID, missing)
	}
}

// standing is the operation's entries without those of cells that it changed once, as it was to, and later changed back.
func (k *clerk) lasting(r *harness.Recorded, entries []int32) []int32 {
	if len(entries) < 2 {
		return entries
	}
	k.expect(r)
	all := k.h.Final.Entries
	var takenBack []harness.Cell
	for i := range k.wants {
		w := &k.wants[i]
		var own, back, others int
		var did, undid int64 // versions
		for _, j := range entries {
			switch e := &all[j]; {
			case e.Cell != w.cell:
			case e.Delta == w.delta:
				own, did = own+1, e.Version
			case e.Delta == -w.delta:
				back, undid = back+1, e.Version
			default:
				others++
			}
		}
		if own == 1 && back == 1 && others == 0 && (did < undid || did == 0 && undid == 0) {
			takenBack = append(takenBack, w.cell)
		}
	}
	if takenBack == nil {
		return entries
	}
	return slices.DeleteFunc(slices.Clone(entries), func(j int32) bool { return slices.Contains(takenBack, all[j].Cell) })
}

// expect fills k.wants with what the operation adds to each cell, all of its steps together.
func (k *clerk) expect(r *harness.Recorded) {
	k.wants = k.wants[:0]
	for i := range r.Accesses {
		a := &r.Accesses[i]
		if a.Kind == harness.Reads {
			continue
		}
		if w := k.wantOf(a.Cell); w != nil {
			w.delta += a.Delta
		} else {
			k.wants = append(k.wants, want{cell: a.Cell, delta: a.Delta})
		}
	}
	k.wants = slices.DeleteFunc(k.wants, func(w want) bool { return w.delta == 0 })
}

func (k *clerk) wantOf(c harness.Cell) *want {
	for i := range k.wants {
		if k.wants[i].cell == c {
			return &k.wants[i]
		}
	}
	return nil
}

// match ticks off one entry.
func (k *clerk) match(r *harness.Recorded, entry int32) {
	e := &k.h.Final.Entries[entry]
	w := k.wantOf(e.Cell)
	if w == nil {
		k.explainEntry(r.ID, entry, "That operation does not change "+k.h.Start.CellName(e.Cell)+": the entry is invented")
		return
	}
	w.got++
	switch {
	case w.got > 1:
		k.explainEntry(r.ID, entry, "It has another one of that operation: the entry is doubled")
	case e.Delta != w.delta:
		k.explainEntry(r.ID, entry, fmt.Sprintf("It was to be %+d: the delta is wrong", w.delta))
	}
}

// tellEntry reports an entry that names an operation, and why it is wrong.
func (k *clerk) explainEntry(id int64, entry int32, why string) {
	k.f.Add(func() string {
		k.f.Involve(id)
		e := &k.h.Final.Entries[entry]
		return fmt.Sprintf("%s has %+d in the journal from %s. %s", sentence(k.h.Start.CellName(e.Cell)), e.Delta, opNamed(k.h, id), why)
	})
}

// tellMissing is about the operation that k.wants belongs to.
func (k *clerk) explainMissing(id int64, missing int) {
	k.f.Add(func() string {
		k.f.Involve(id)
		i := slices.IndexFunc(k.wants, func(w want) bool { return w.got == 0 })
		text := fmt.Sprintf("%s has no entry in the journal from %s: %+d is missing. %s", sentence(k.h.Start.CellName(k.wants[i].cell)),
			opNamed(k.h, id), k.wants[i].delta, toldOf(k.h, id))
		if missing == len(k.wants) {
			return text + ", and the journal has nothing of the operation: it is lost"
		}
		return text + ", and the journal has the rest of the operation: it is half done"
	})
}

// plantJournal drops an entry of an acknowledged operation.
func plantJournal(h *harness.History) (*harness.History, bool) {
	if !ended(h) {
		return nil, false
	}
	entries, find := h.Final.Entries, h.Finder()
	for i := range entries {
		if r, ok := find(entries[i].Op); !ok || r.Outcome != harness.OK {
			continue
		}
		bad := *h
		bad.Final.Entries = entries[1:]
		if i > 0 {
			bad.Final.Entries = append(append(spool.Make[harness.Entry](h.Spool, 0, len(entries)-1), entries[:i]...), entries[i+1:]...)
		}
		return &bad, true
	}
	return nil, false
}
