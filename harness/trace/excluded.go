package trace

import (
	"fmt"
	"slices"
	"strings"
)

// excluded says what keeps conflicting moments of two operations from coming in another order here than there; empty: nothing that is
// known. ifSame: only as far as both lock the same row of a table beside those in which they conflict, or the same name; whether they do
// cannot be seen.
func excluded(a, b *moments, all []conflict) (why string, ifSame bool) {
	if len(all) == 0 {
		return apart(a, b), false
	}
	if !cyclic(all) {
		return single(a, b, &all[0]), false
	}
	if why, ifSame = locked(a, b, all); why != "" {
		return why, ifSame
	}
	if !oneTransaction(all) {
		return "", false
	}
	la, lb := a.levels[all[0].aTx], b.levels[all[0].bTx]
	switch {
	case la.Serializable && lb.Serializable:
		return fmt.Sprintf("both are one transaction at %s: the server refuses what no serial order gives", words(la.Name)), false
	case la.FirstWins && lb.FirstWins:
		if table := sameRow(a, b, all[0].aTx, all[0].bTx); table != "" {
			return fmt.Sprintf("both change a row of %s, by its key, in one transaction at %s: if it is the same, the server refuses the second", table, words(la.Name)), !only(all, table)
		}
	}
	return "", false
}

// only reports whether all conflicts are in one table: rows of it that are not the same do not conflict.
func only(all []conflict, table string) bool {
	return !slices.ContainsFunc(all, func(c conflict) bool { return c.table != table })
}

// apart is why there is no conflict.
func apart(a, b *moments) string {
	var shared, added []string
	for _, t := range a.tables() {
		if !slices.Contains(b.tables(), t) {
			continue
		}
		shared = append(shared, t)
		if a.writesTo(t) && b.writesTo(t) {
			added = append(added, t)
		}
	}
	switch {
	case len(shared) == 0:
		return "they share no table"
	case len(added) == 0:
		return fmt.Sprintf("of what they share (%s), neither was seen to write", strings.Join(shared, ", "))
	}
	return fmt.Sprintf("of what they share (%s), all that is written is new rows (%s), which the other does not read", strings.Join(shared, ", "), strings.Join(added, ", "))
}

// single is why one conflict alone is none that matters.
func single(a, b *moments, c *conflict) string {
	switch {
	case c.read == nil:
		return fmt.Sprintf("they meet in what each writes to %s, in one transaction: the server has one wait for the other, if it is the same row", c.table)
	case c.locked:
		return fmt.Sprintf("all that is read of %s before a write is locked, in the same transaction", c.table)
	}
	reader, writer := a.Name, b.Name
	if c.byB {
		reader, writer = writer, reader
	}
	return fmt.Sprintf("%s reads %s in one statement, and %s commits what it writes there at once: that is before or after", reader, c.table, writer)
}

// locked says which lock both hold from before all that conflicts to behind it; ifSame as excluded's.
func locked(a, b *moments, all []conflict) (why string, ifSame bool) {
	for _, la := range a.locks {
		for _, lb := range b.locks {
			if la.plain || lb.plain || la.on != lb.on || la.rows != lb.rows || !la.exclusive && !lb.exclusive {
				continue
			}
			if slices.ContainsFunc(all, func(c conflict) bool {
				return c.a < la.from || c.a > la.to || c.b < lb.from || c.b > lb.to || la.rows && c.appears(la.on)
			}) {
				continue
			}
			if !la.rows {
				return fmt.Sprintf("both take a lock of %s before all that could conflict, and hold it until that is over, as far as it is the same one", la.on), la.named
			}
			return fmt.Sprintf("both lock rows of %s before all that could conflict, and hold them to the end of the transaction, as far as they are the same rows", la.on), !only(all, la.on)
		}
	}
	return "", false
}

// sameRow is a table of which both transactions change a row that they name by a key.
func sameRow(a, b *moments, aTx, bTx int) string {
	for _, w := range a.writes {
		for _, v := range b.writes {
			if w.tx == aTx && v.tx == bTx && w.table == v.table && w.keyed && v.keyed && !w.adds && !v.adds {
				return w.table
			}
		}
	}
	return ""
}

// tables are all that an operation touches.
func (m *moments) tables() (all []string) {
	for _, t := range m.Transactions {
		for i := range t.Statements {
			s := &t.Statements[i]
			all = append(all, slices.Concat(s.Reads, s.Writes, s.Reaches)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (m *moments) writesTo(table string) bool {
	return slices.ContainsFunc(m.writes, func(w write) bool { return w.table == table })
}

// words is a level's name as people say it.
func words[S ~string](level S) string { return strings.ReplaceAll(string(level), "-", " ") }
