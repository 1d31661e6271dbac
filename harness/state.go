package harness

import (
	"slices"
	"strconv"
)

// State is what a store holds: cells, and the journal that is the evidence for them.
type State struct {
	Groups  []Group
	Journal string // the journal's table: orders, entry

	Values   []int64 // by Cell
	Versions []int64 // by Cell: how many writes it took; nil where the store keeps no versions
	Entries  []Entry // the journal, in no particular order
}

// Group is a table of cells, named by the workload so that a transcript reads like the shop it stands for.
type Group struct {
	Table  string // stock
	Column string // available
	First  Cell   // the group's cells are First … First+Len-1
	Len    int

	// Claims names the table in which each unit taken is a row (ticket), where the workload's operations allow this: each
	// Add takes one unit with delta -1, or gives back the unit of the operation it undoes with +1. Empty: no such form.
	Claims string
}

// Entry is a journal row: operation Op changed Cell by Delta, and its write produced Version of the cell (0 where the
// representation has no versions).
type Entry struct {
	Op      int64
	Cell    Cell
	Delta   int64
	Version int64
}

// NewState is a State with one group whose cells all start at value.
func NewState(g Group, journal string, value int64) State {
	return State{Journal: journal}.With(g, value)
}

// With is the state with one more group, whose cells come after those there are and all start at value.
func (s State) With(g Group, value int64) State {
	g.First = Cell(len(s.Values))
	s.Groups = append(slices.Clip(s.Groups), g)
	s.Values = append(slices.Clip(s.Values), slices.Repeat([]int64{value}, g.Len)...)
	s.Versions = append(slices.Clip(s.Versions), make([]int64, g.Len)...)
	return s
}

// GroupOf is the group a cell belongs to, and its number within the group.
func (s *State) GroupOf(c Cell) (*Group, int) {
	for i := range s.Groups {
		if g := &s.Groups[i]; c >= g.First && int(c-g.First) < g.Len {
			return g, int(c - g.First)
		}
	}
	return nil, 0
}

// CellName is what a human calls the cell: "stock 3".
func (s *State) CellName(c Cell) string {
	g, i := s.GroupOf(c)
	if g == nil {
		return "cell " + strconv.Itoa(int(c))
	}
	return g.Table + " " + strconv.Itoa(i)
}

// Clone is a copy that shares nothing that changes.
func (s State) Clone() State {
	s.Values = append([]int64(nil), s.Values...)
	s.Versions = append([]int64(nil), s.Versions...)
	s.Entries = append([]Entry(nil), s.Entries...)
	return s
}
