package explore

import (
	"math"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// Serializable snapshot isolation (Cahill, Röhm and Fekete, 2008; Ports and Grittner, 2012) refuses a transaction only where two edges
// follow each other, in → pivot → out, each from a transaction that read to a concurrent one that wrote over it, and out commits first
// of the three. Until there can be such a structure, what the server notes of reads and writes is a set, to which each statement adds the
// same whether it comes before or after another one. So two steps that commute under snapshot isolation commute here too, if no
// structure that one of their transactions could be in is there after both. What could be is told by tables: the server notes
// pages and tables in place of rows as it likes.

// transaction is what a client did between two ends.
type transaction struct {
	client        int
	begun, ended  int // turns; ended: open, while it is under way
	committed     bool
	reads, writes []string // tables; anything: it is not known which
}

const (
	open     = math.MaxInt
	anything = ""
)

// transactions are those of the turns, the last of which is one that could be, as they were before that and the turn before ended any by an
// error or a rollback.
func transactions(turns []Turn) (all []transaction) {
	current := map[int]int{} // by client
	for n := range turns {
		t := &turns[n]
		i, ok := current[t.Client]
		if !ok {
			if t.Step.Over {
				continue
			}
			i = len(all)
			current[t.Client] = i
			all = append(all, transaction{client: t.Client, begun: n, ended: open})
		}
		x := &all[i]
		x.note(&t.Step)
		if t.Step.Ends || t.failed {
			x.ended = max(n, t.BlockedUntil-1)
			x.committed = !t.failed && t.Step.Point != harness.AtRollback
			delete(current, t.Client)
		}
	}
	last := len(turns) - 2
	return slices.DeleteFunc(all, func(x transaction) bool { return !x.committed && x.ended < last })
}

// note adds what a step touches. A statement that writes also reads what it writes over.
func (x *transaction) note(s *Step) {
	if s.Cells == 0 {
		return
	}
	switch s.Point {
	case harness.AtRead, harness.AtLock: // to lock a row is to read it: only what writes is looked at for readers (heap_update and the like)
		x.reads = append(x.reads, s.Table)
	case harness.AtWrite, harness.AtStatement:
		x.reads, x.writes = append(x.reads, s.Table), append(x.writes, s.Table)
	}
}

// overwritten: from may have read what to wrote, and neither saw the other's commit.
func overwritten(from, to *transaction) bool {
	if from.begun > to.ended || to.begun > from.ended || from == to || from.client == to.client {
		return false
	}
	return slices.ContainsFunc(from.reads, func(r string) bool {
		return slices.ContainsFunc(to.writes, func(w string) bool { return r == w || r == anything || w == anything })
	})
}

// crowded reports whether somebody who has written committed while two others were under way who have written as well. If the two have
// read what all three wrote, one of them is refused: the first in a list that is in the order of what all did, so that no two of their
// steps commute.
func crowded(turns []Turn) bool {
	for n := range turns {
		if turns[n].Step.Point == harness.AtCommit && len(writers(turns, n)) > 2 {
			return true
		}
	}
	return false
}

// writers are the clients that were under way at a commit, the turn n, and had written by then: who waited for a row had not.
func writers(turns []Turn, n int) map[int]bool {
	wrote := map[int]bool{}
	for k := range n {
		t := &turns[k]
		before := !t.Waits || t.BlockedUntil > 0 && t.BlockedUntil <= n
		switch {
		case before && (t.failed || t.Step.Ends):
			delete(wrote, t.Client)
		case before && t.Step.Cells != 0 && t.Step.Point != harness.AtRead && t.Step.Point != harness.AtLock:
			wrote[t.Client] = true
		}
	}
	return wrote
}

// refusable reports whether the server may refuse one of a structure that a transaction of one of two clients is in, when both have acted:
// one did in the last turn, and the other would now.
func refusable(turns []Turn, client, other int, next Step) bool {
	all := transactions(append(slices.Clip(turns), Turn{Client: other, Step: next}))
	ours := func(x *transaction) bool {
		return (x.client == client || x.client == other) && x.ended >= len(turns)-1
	}
	for p := range all {
		for o := range all {
			pivot, out := &all[p], &all[o]
			if !out.committed || pivot.committed && pivot.ended < out.ended || !overwritten(pivot, out) {
				continue
			}
			for i := range all {
				in := &all[i]
				first := !in.committed || in.ended >= out.ended
				if first && overwritten(in, pivot) && (ours(in) || ours(pivot) || ours(out)) {
					return true
				}
			}
		}
	}
	return false
}
