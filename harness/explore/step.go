package explore

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// step is an action as far as it matters to others.
type step struct {
	point harness.Point
	table string
	cells uint64 // a bit a cell; all: everything in the table
	fresh bool   // of a read: it sees what is committed by now, not what was when its transaction began
	ends  bool   // it commits or takes back
}

// locks: it may take locks that others wait for, or wait for theirs.
func (s step) locks() bool {
	switch s.point {
	case harness.AtWrite, harness.AtLock, harness.AtStatement:
		return s.cells != 0
	}
	return false
}

const everything = ^uint64(0)

// cellBits is the cells as bits; more than there are bits for is everything.
func cellBits(cells []harness.Cell) uint64 {
	if cells == nil {
		return everything
	}
	var bits uint64
	for _, c := range cells {
		if c < 0 || c > 62 {
			return everything
		}
		bits |= 1 << c
	}
	return bits
}

// Traits are what of an isolation level decides which steps can be swapped.
type Traits struct {
	TxSnapshot bool // a transaction's first read fixes what it sees
	Watches    bool // the order of reads and writes decides who is refused
}

// TraitsOf are the traits of a level.
func TraitsOf(iso promise.Isolation) Traits {
	return Traits{TxSnapshot: iso.TxSnapshot, Watches: iso.Watches}
}

// commute reports whether two sessions' steps surely have the same results in either order. In doubt they do not. Swapping a
// session's first read with another's commit changes what it sees in all of its transaction (its snapshot), so first reads,
// commits and rollbacks commute with no write and no end of another session.
func (t Traits) commute(a, b step) bool {
	switch {
	case a.cells == 0 && !a.ends, b.cells == 0 && !b.ends:
		return true // it touches nothing that anybody else does
	case t.Watches, a.point == harness.AtStatement, b.point == harness.AtStatement:
		return false
	case a.point == harness.AtRead && b.point == harness.AtRead:
		return true
	case a.point == harness.AtRead:
		return t.blind(a) || !b.ends && !t.TxSnapshot && apart(a, b)
	case b.point == harness.AtRead:
		return t.blind(b) || !a.ends && !t.TxSnapshot && apart(a, b)
	}
	return !a.ends && !b.ends && apart(a, b)
}

// private: whatever others do, before or after, nobody can tell when the step was made.
func (t Traits) private(s step) bool {
	return s.cells == 0 && !s.ends || s.point == harness.AtRead && t.blind(s) && !t.Watches
}

// blind: the read sees a snapshot that is fixed already, whatever others do.
func (t Traits) blind(s step) bool { return t.TxSnapshot && !s.fresh }

// apart: they touch different things.
func apart(a, b step) bool {
	return a.table != "" && b.table != "" && (a.table != b.table || a.cells&b.cells == 0)
}
