package explore

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Step is an action as far as it matters to others.
type Step struct {
	Point harness.Point
	Table string
	Cells uint64 // a bit a cell; Everything: all in the table
	Row   Row    // the only one of the Cells that it touches, where that is proved
	Fresh bool   // of a read: it sees what is committed by now, not what was when its transaction began
	Ends  bool   // it commits or takes back
	Alone bool   // it Ends a transaction that it is the whole of
	Over  bool   // it Ends a transaction that the server has ended before, with an error
}

// Row is a row by its unique key. Nothing: any.
type Row struct {
	Key    string // the table and the key's columns
	Values string // written in one way only: rows whose Values differ are different
}

// apart: they are surely different rows.
func (r Row) apart(o Row) bool { return r.Key != "" && r.Key == o.Key && r.Values != o.Values }

// locks: it may take locks that others wait for, or wait for theirs.
func (s Step) locks() bool {
	switch s.Point {
	case harness.AtWrite, harness.AtLock, harness.AtStatement:
		return s.Cells != 0
	}
	return false
}

// Everything is all cells of a Step's table.
const Everything = ^uint64(0)

// cellBits is the cells as bits; more than there are bits for is Everything.
func cellBits(cells []harness.Cell) uint64 {
	if cells == nil {
		return Everything
	}
	var bits uint64
	for _, c := range cells {
		if c < 0 || c > 62 {
			return Everything
		}
		bits |= 1 << c
	}
	return bits
}

// Traits are what of an isolation level decides which steps can be swapped.
type Traits struct {
	TxSnapshot bool // a transaction's first read fixes what it sees
	Watches    bool // the order of reads and writes decides who is refused
	// Structures: of a level that Watches: nobody is refused but in a dangerous structure.
	Structures bool
	// Aborts: an error ends its transaction, and gives back all that it held.
	Aborts bool
	// Statements: of steps that name cells, each sees what is committed by then. A step that is Alone is told by its cells only.
	Statements bool
}

// TraitsOf are the traits of a level.
func TraitsOf(iso promise.Isolation) Traits {
	return Traits{TxSnapshot: iso.TxSnapshot, Watches: iso.Watches, Structures: iso.Structures, Aborts: iso.Aborts}
}

// commute reports whether two sessions' steps surely have the same results in either order. In doubt they do not. Swapping a
// session's first read with another's commit changes what it sees in all of its transaction (its snapshot), so first reads,
// commits and rollbacks commute with no write and no end of another session.
func (t Traits) commute(a, b Step) bool {
	a.Ends, b.Ends = a.Ends && (!t.Statements || !a.Alone), b.Ends && (!t.Statements || !b.Alone)
	switch {
	case a.Cells == 0 && !a.Ends, b.Cells == 0 && !b.Ends, a.Over, b.Over:
		return true // it touches nothing that anybody else does
	case t.Watches && !t.Structures, a.Point == harness.AtStatement, b.Point == harness.AtStatement:
		return false
	case a.Point == harness.AtRead && b.Point == harness.AtRead:
		return true
	case a.Point == harness.AtRead:
		return t.unseen(a, b)
	case b.Point == harness.AtRead:
		return t.unseen(b, a)
	}
	return !a.Ends && !b.Ends && apart(a, b)
}

// private: whatever others do, before or after, nobody can tell when the step was made.
func (t Traits) private(s Step) bool {
	return s.Over || s.Cells == 0 && !s.Ends || s.Point == harness.AtRead && t.blind(s) && !t.Watches
}

// blind: the read sees a snapshot that is fixed already, whatever others do.
func (t Traits) blind(s Step) bool { return t.TxSnapshot && !s.Fresh }

// unseen: the read finds the same before and after what another session does. A snapshot holds nothing of a transaction that has not committed.
func (t Traits) unseen(read, other Step) bool {
	if t.TxSnapshot {
		return t.blind(read) || !other.Ends || other.Point == harness.AtRollback
	}
	return !other.Ends && apart(read, other)
}

// apart: they touch different things.
func apart(a, b Step) bool {
	return a.Table != "" && b.Table != "" && (a.Table != b.Table || a.Cells&b.Cells == 0 || a.Row.apart(b.Row))
}
