package trace

// conflict is a moment of each of two operations of which it matters which comes first.
type conflict struct {
	a, b     int // positions
	aTx, bTx int
	table    string
	read     *read  // of a or b, that sees what the other commits; nil: both write
	write    *write // of the other
	byB      bool   // the read is b's
	locked   bool   // both hold a lock on the row from here on
}

// appears reports whether a row comes to be in a table in which the other has looked: who has locked the rows that there were has none that is new.
func (c *conflict) appears(table string) bool {
	return c.table == table && c.read != nil && c.write.adds && !c.locked
}

// conflictsOf are those of two operations.
func conflictsOf(a, b *moments) (all []conflict) {
	for i := range a.reads {
		all = a.readConflicts(b, &a.reads[i], false, all)
	}
	for i := range b.reads {
		all = b.readConflicts(a, &b.reads[i], true, all)
	}
	for i := range a.writes {
		for k := range b.writes {
			w, v := &a.writes[i], &b.writes[k]
			if a.gone(w) || b.gone(v) {
				continue
			}
			if w.table == v.table && (!w.adds || !v.adds) { // rows that both add are others
				all = append(all, conflict{a: a.end(w.tx), b: b.end(v.tx), aTx: w.tx, bTx: v.tx, table: w.table, write: w, locked: !w.adds && !v.adds})
			}
		}
	}
	return all
}

// readConflicts adds those of a read of m's with what another writes.
func (m *moments) readConflicts(other *moments, r *read, byB bool, all []conflict) []conflict {
	for k := range other.writes {
		w := &other.writes[k]
		if w.table != r.table || other.gone(w) {
			continue
		}
		mine, theirs := r.at, other.end(w.tx)
		locked := r.locked && (!w.adds || m.levels[r.tx].Gaps)
		switch {
		case locked:
			mine = m.end(r.tx)
		case m.levels[r.tx].Dirty:
			theirs = w.at
		}
		c := conflict{a: mine, b: theirs, aTx: r.tx, bTx: w.tx, table: r.table, read: r, write: w, byB: byB, locked: locked}
		if byB {
			c.a, c.b, c.aTx, c.bTx = theirs, mine, w.tx, r.tx
		}
		all = append(all, c)
	}
	return all
}

// gone reports whether a write of its own was taken back, so that nobody has to know of it.
func (m *moments) gone(w *write) bool { return m.Transactions[w.tx].RolledBack }

// cyclic reports whether there are two that differ: then each operation can come first once.
func cyclic(all []conflict) bool {
	for _, c := range all[min(1, len(all)):] {
		if c.a != all[0].a || c.b != all[0].b {
			return true
		}
	}
	return false
}

// oneTransaction reports whether all conflicts are between one transaction of a and one of b.
func oneTransaction(all []conflict) bool {
	for _, c := range all {
		if c.aTx != all[0].aTx || c.bTx != all[0].bTx {
			return false
		}
	}
	return true
}
