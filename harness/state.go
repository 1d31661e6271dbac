package harness

import (
	"slices"
	"strconv"
)

// State is what a store holds: cells, and the journal that is the evidence for them.
type State struct {
	Groups  []Group
	Journal string // the journal's table: orders, entry; empty where no cell holds a number

	Values   []int64 // by Cell; 0 where the cell holds no number
	Versions []int64 // by Cell: how many writes it took; nil where the store keeps no versions
	Entries  []Entry // the journal, in no particular order

	// Charges is the ledger that the outside service keeps by itself, in no particular order; nil: there is no such service.
	Charges []Charge
}

// Group is a table of cells, named by the workload so that a transcript reads like the shop it stands for.
type Group struct {
	Table  string // stock
	Column string // available
	First  Cell   // the group's cells are First … First+Len-1
	Len    int
	Holds  Content

	// Claims names the table in which each unit taken is a row (ticket), where the workload's operations allow this: each
	// Add takes one unit with delta -1, or gives back the unit of the operation it undoes with +1. Empty: no such form.
	Claims string
}

// Content is what the cells of a group hold, and with that which steps they are for.
type Content string

const (
	// Numbers are for Add. A Read finds the number.
	Numbers Content = ""
	// Registers are for Write, and empty before the first. A Read finds the value written last.
	Registers Content = "registers"
	// Lists are for Append, and empty at first. A Read finds all values in the order in which they were appended.
	Lists Content = "lists"
	// Rows are for Append as well: each value is the key of a row that is inserted, and the cell is what a range of rows has in
	// common. A Read finds the values of all rows of the range, in no order.
	Rows Content = "rows"
)

// Known reports whether there is such a content.
func (c Content) Known() bool { return c == Numbers || c == Registers || c == Lists || c == Rows }

// Content is what all cells of the state hold; false if some hold other things than others.
func (s *State) Content() (Content, bool) {
	for i := range s.Groups {
		if s.Groups[i].Holds != s.Groups[0].Holds {
			return Numbers, false
		}
	}
	if len(s.Groups) == 0 {
		return Numbers, true
	}
	return s.Groups[0].Holds, true
}

// Entry is a journal row: operation Op changed Cell by Delta, and its write produced Version of the cell (0 where the
// representation has no versions).
type Entry struct {
	Op      int64
	Cell    Cell
	Delta   int64
	Version int64
}

// Charge is an entry of an outside service's own ledger: it took Amount from the customer of operation Op, or gave it back where
// that is below 0.
type Charge struct {
	Op     int64
	Amount int64
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
	s.Charges = slices.Clone(s.Charges)
	return s
}
