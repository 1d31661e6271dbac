package check

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Side is one of the two things that operations exchange: seats, or charges for them.
type Side struct {
	Name  string // what a client then has, or pays: seat, charge
	Cells []harness.Cell
}

// Atomicity demands that exchanges are whole: an operation that takes from the cells of one side takes from the other's, and one
// that gives back gives back to both. It judges by the journal, whatever the client was told: not even an unknown operation may
// happen by half.
func Atomicity(a, b Side) harness.Checker {
	e := &exchange{a, b}
	return harness.Checker{
		Name: "atomicity", Rule: fmt.Sprintf("nobody has a %s without a %s, or a %s without a %s", a.Name, b.Name, b.Name, a.Name),
		Unit: "operations", NeedsJournal: true, NoOverlap: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding { return e.check(h) }, Plant: e.plant,
	}
}

type exchange [2]Side

// part is what the journal holds of one operation.
type part struct {
	op      int64
	entries [2][]harness.Entry // by side
}

// direction tells taking (1) from giving back (-1) and nothing (0), on one side.
func (p *part) direction(side int) int {
	var taken int64
	for _, e := range p.entries[side] {
		taken -= e.Delta
	}
	return cmp.Compare(taken, 0)
}

// parts ranges over the operations that the journal holds, in the order of their IDs. A part is valid until the next.
func (x *exchange) parts(h *harness.History) iter.Seq[*part] {
	sideOf := make([]int8, len(h.Start.Values)) // by cell, counted from 1; 0: neither
	for side := range x {
		for _, c := range x[side].Cells {
			sideOf[c] = int8(side + 1)
		}
	}
	byOp := spool.Make[event](h.Spool, 0, len(h.Final.Entries))
	for from, some := range pieces(h, h.Final.Entries) {
		for i := range some {
			if e := &some[i]; uint(e.Cell) < uint(len(sideOf)) && sideOf[e.Cell] != 0 {
				byOp = append(byOp, event{e.Op, int64(from + i)})
			}
		}
	}
	byOp, _ = sorted(h, byOp, nil)
	return func(yield func(*part) bool) {
		var p part
		for from, some := range pieces(h, byOp) {
			for i, e := range some {
				entry := h.Final.Entries[e.delta()]
				side := sideOf[entry.Cell] - 1
				p.op, p.entries[side] = entry.Op, append(p.entries[side], entry)
				if next := from + i + 1; next < len(byOp) && byOp[next].key() == e.key() {
					continue
				}
				if !yield(&p) {
					return
				}
				p.entries[0], p.entries[1] = p.entries[0][:0], p.entries[1][:0]
			}
		}
	}
}

// check tells of both kinds of halves by turns, where there are both.
func (x *exchange) check(h *harness.History) harness.Finding {
	if !ended(h) {
		return harness.Finding{}
	}
	var kinds [2]harness.Finding // by the side that is missing
	for p := range x.parts(h) {
		if a, b := p.direction(0), p.direction(1); a < b {
			kinds[0].Add(func() string { return x.explain(h, p) })
		} else if a > b {
			kinds[1].Add(func() string { return x.explain(h, p) })
		}
	}
	f := harness.Finding{Violations: kinds[0].Violations + kinds[1].Violations}
	f.Measure = f.Violations
	for i := range harness.MaxTexts {
		for k := range kinds {
			if i < len(kinds[k].Texts) && len(f.Texts) < harness.MaxTexts {
				f.Texts = append(f.Texts, kinds[k].Texts[i])
			}
		}
	}
	return f
}

func (x *exchange) explain(h *harness.History, p *part) string {
	var there []string
	missing := ""
	for side := range x {
		for _, e := range p.entries[side] {
			there = append(there, fmt.Sprintf("%s has %+d", h.Start.CellName(e.Cell), e.Delta))
		}
		if len(p.entries[side]) == 0 {
			g, _ := h.Start.GroupOf(x[side].Cells[0])
			missing = ", without a " + g.Table + " entry"
		}
	}
	more, less := &x[0], &x[1]
	if p.direction(0) < p.direction(1) {
		more, less = less, more
	}
	text := sentence(list(there)) + " in the journal from " + opNamed(h, p.op) + missing
	if told := toldOf(h, p.op); told != "" {
		text += ". " + told
	}
	return fmt.Sprintf("%s: a %s without a %s", text, more.Name, less.Name)
}

// plant drops what one whole operation did on the second side.
func (x *exchange) plant(h *harness.History) (*harness.History, bool) {
	if !ended(h) {
		return nil, false
	}
	for p := range x.parts(h) {
		if p.direction(0) == 0 || p.direction(0) != p.direction(1) {
			continue
		}
		bad := *h
		bad.Final.Entries = spool.Make[harness.Entry](h.Spool, 0, len(h.Final.Entries))
		for _, some := range pieces(h, h.Final.Entries) {
			for _, e := range some {
				if !slices.Contains(p.entries[1], e) {
					bad.Final.Entries = append(bad.Final.Entries, e)
				}
			}
		}
		return &bad, true
	}
	return nil, false
}
