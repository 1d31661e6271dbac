package check

import (
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Limit says that the sum of Cells may never fall below Min.
type Limit struct {
	Cells []harness.Cell
	Min   int64
	// Returns: nothing is added but by operations that undo (harness.Op.Undoes) what the same client took.
	Returns bool
}

// name is what a human calls what the limit is about: "stock 3", "account 0 + account 1".
func (l *Limit) name(h *harness.History) string {
	names := make([]string, len(l.Cells))
	for i, c := range l.Cells {
		names[i] = h.Start.CellName(c)
	}
	return strings.Join(names, " + ")
}

func (l *Limit) sum(values []int64) int64 {
	var sum int64
	for _, c := range l.Cells {
		sum += values[c]
	}
	return sum
}

// limits is a set of limits, with the way from a cell to those that count it.
type limits struct {
	all     []Limit
	byCell  [][]int32
	finding *harness.Finding // that texts are made for
	unit    string           // what a unit of a cell is, in the plural; empty: nobody says
}

func newLimits(all []Limit, cells int) *limits {
	return &limits{all: all, byCell: limitsByCell(all, cells), finding: &harness.Finding{}}
}

// limitsByCell are the limits that count each cell.
func limitsByCell(all []Limit, cells int) [][]int32 {
	byCell := make([][]int32, cells)
	for i := range all {
		for _, c := range all[i].Cells {
			byCell[c] = append(byCell[c], int32(i))
		}
	}
	return byCell
}

// move is what an operation does to a limit's sum.
type move struct {
	limit int32
	net   int64 // all of its writes together
	takes int64 // those that subtract, at most 0
}

// moves fills buf with what an operation does to the limits that it touches.
func (ls *limits) moves(buf []move, accesses []harness.Access) []move {
	buf = buf[:0]
	for i := range accesses {
		a := &accesses[i]
		if a.Kind == harness.Reads {
			continue
		}
	limits:
		for _, l := range ls.byCell[a.Cell] {
			for j := range buf {
				if buf[j].limit == l {
					buf[j].net += a.Delta
					buf[j].takes += min(a.Delta, 0)
					continue limits
				}
			}
			buf = append(buf, move{limit: l, net: a.Delta, takes: min(a.Delta, 0)})
		}
	}
	return buf
}

// fewOps are not worth another pass.
const fewOps = 512

// room is how often operations that may have happened move each limit's sum up, and down. What has its room at once is not copied as it grows, and
// takes no memory, or disk, for what it outgrew. Where the store keeps a journal, it is about how often by that, which is sooner gone through than the
// operations. Of few operations nothing is counted.
func (ls *limits) room(h *harness.History) (up, down []int) {
	up, down = make([]int, len(ls.all)), make([]int, len(ls.all))
	if h.Len() <= fewOps {
		return up, down
	}
	if len(h.Final.Entries) > 0 {
		ls.booked(h, up, down)
		return up, down
	}
	var moves []move
	for r := range h.Ops() {
		if r.Outcome != harness.OK && r.Outcome != harness.Unknown {
			continue
		}
		moves = ls.moves(moves, r.Accesses)
		for _, m := range moves {
			switch {
			case m.net > 0:
				up[m.limit]++
			case m.net < 0:
				down[m.limit]++
			}
		}
	}
	return up, down
}

// booked adds how often journal entries move each limit's sum.
func (ls *limits) booked(h *harness.History, up, down []int) {
	for _, part := range pieces(h, h.Final.Entries) {
		for i := range part {
			e := &part[i]
			if uint(e.Cell) >= uint(len(ls.byCell)) {
				continue // Journal's business
			}
			for _, l := range ls.byCell[e.Cell] {
				if e.Delta > 0 {
					up[l]++
				} else {
					down[l]++
				}
			}
		}
	}
}

// moveOf is what the operation does to one limit.
func (ls *limits) moveOf(limit int, r *harness.Recorded) int64 {
	for _, m := range ls.moves(nil, r.Accesses) {
		if int(m.limit) == limit {
			return m.net
		}
	}
	return 0
}
