package trace

import (
	"fmt"
	"slices"
	"strings"
)

// wronged are the ways in which a could go wrong because of b, by what a reads.
func wronged(a, b *moments, all []conflict) (reasons []Reason) {
	seen := map[string]bool{}
	for i := range all {
		c := &all[i]
		if c.read == nil || c.byB {
			continue
		}
		for _, r := range []Reason{a.decides(b, c.read), a.skewed(b, c.read, all), a.looksTwice(b, c.read, all)} {
			if r.Text != "" && !seen[r.Text] {
				seen[r.Text] = true
				reasons = append(reasons, r)
			}
		}
	}
	return reasons
}

// decides is of a read that the same operation's write to the same table comes after.
func (m *moments) decides(other *moments, r *read) Reason {
	table := r.table
	for i := range m.writes {
		w := &m.writes[i]
		if w.table != table || w.at < r.of.position() {
			continue
		}
		also := "while " + other.Name + " writes it too"
		if m.Operation == other.Operation {
			also = "while another does the same"
		}
		switch {
		case w.tx != r.tx:
			return m.reason(Split, fmt.Sprintf("%s reads %s, and writes it in another transaction, %s: no level, and no lock of a transaction, reaches from one into the other (lost update)",
				m.Name, table, also), table)
		case w.of == r.of:
			return m.reason(Inside, fmt.Sprintf("%s reads %s and writes it in one statement that does not name its row by a key, at %s, %s: another commit between the two is possible",
				m.Name, table, m.level(r.tx), also), table)
		case w.adds && other.onlyAdds(table):
			return m.reason(Phantom, fmt.Sprintf("%s looks into %s, then adds a row, at %s, %s: neither need see the other's (phantom, G2), unless a unique key refuses the second%s",
				m.Name, table, m.level(r.tx), also, lockedRows(r)), table)
		case r.locked:
			continue // its rows: only new ones are seen too late
		case m.levels[r.tx].FirstWins:
			return m.reason(WriteSkew, fmt.Sprintf("%s reads %s, then writes it, without a lock, at %s, %s: the server refuses the second change of one row, of different rows a write skew (G2) is possible",
				m.Name, table, m.level(r.tx), also), table)
		}
		return m.reason(LostUpdate, fmt.Sprintf("%s reads %s, then writes it, without a lock, at %s, %s: a lost update (P4) is possible%s",
			m.Name, table, m.level(r.tx), also, m.checks(w)), table)
	}
	return Reason{}
}

// checks adds to a sentence whether a write looks at what was read before.
func (m *moments) checks(w *write) string {
	switch {
	case len(w.of.Checks) > 0:
		return fmt.Sprintf(", unless %s looks at how many rows it has changed: the write checks %s", m.Name, strings.Join(w.of.Checks, ", "))
	case w.keyed:
		return "; the write checks nothing but the key"
	}
	return ", unless the write checks what was read"
}

// lockedRows adds to a sentence that a lock does not help.
func lockedRows(r *read) string {
	if r.locked {
		return "; the lock is on rows that there are, and keeps nobody from adding one"
	}
	return ""
}

// skewed is of a read of what the other writes, while the other reads what this one writes: each decides by what the other changes.
func (m *moments) skewed(other *moments, r *read, all []conflict) Reason {
	for i := range all {
		c := &all[i]
		if c.read == nil || !c.byB || c.table == r.table || c.locked || r.locked {
			continue
		}
		mine, theirs := m.Name, other.Name
		if m.Operation == other.Operation {
			mine, theirs = "one", "the other"
		}
		kind, text := WriteSkew, "write skew (G2) possible below serializable"
		if !oneTransaction(all) {
			text = "write skew (G2) possible at each level, for these are several transactions"
		}
		return m.reason(kind, fmt.Sprintf("%s reads %s and writes %s while %s reads %s and writes %s: %s", mine, r.table, c.table, theirs, c.table, r.table, text), r.table, c.table)
	}
	return Reason{}
}

// looksTwice is of several reads that see what the other commits at once, or in several transactions.
func (m *moments) looksTwice(other *moments, r *read, all []conflict) Reason {
	theirs := other.Name
	if m.Operation == other.Operation {
		theirs = "the other"
	}
	for i := range all {
		c := &all[i]
		if c.read == nil || c.byB || c.read == r || c.locked || c.read.of == r.of {
			continue
		}
		if c.read.at > r.at && c.b == m.commitOf(all, r) {
			what := both(r.table, c.table) + " in two statements"
			return m.reason(ReadSkew, fmt.Sprintf("%s reads %s, at %s, while %s writes there: one can see what was before, the next what is after (read skew, G-single)",
				m.Name, what, m.level(r.tx), theirs), r.table, c.table)
		}
	}
	return m.stale(r, all, theirs)
}

// commitOf is when the other commits what a read sees.
func (m *moments) commitOf(all []conflict, r *read) int {
	for i := range all {
		if all[i].read == r && !all[i].byB {
			return all[i].b
		}
	}
	return -1
}

// stale is of a read before a write to another table that the other writes too, or of one of several commits of the other's.
func (m *moments) stale(r *read, all []conflict, theirs string) Reason {
	at := m.commitOf(all, r)
	for i := range all {
		c := &all[i]
		switch {
		case r.locked || c.byB || c.table == r.table && c.read == nil:
		case c.read == nil && c.a > r.at && !m.writesTo(r.table):
			return m.reason(Stale, fmt.Sprintf("%s reads %s without a lock, then writes %s, while %s writes both: what it writes can rest on what is no longer so", m.Name, r.table, c.table, theirs),
				r.table, c.table)
		case c.read != nil && c.b != at:
			return m.reason(Split, fmt.Sprintf("%s writes %s in several transactions, and %s reads there: it can come between them, and see a half", theirs, both(r.table, c.table), m.Name), r.table, c.table)
		}
	}
	return Reason{}
}

// halves is where no better reason is known: the operations meet in several moments, which nothing is known to keep together.
func halves(a, b *moments, all []conflict) Reason {
	var tables []string
	for _, c := range all {
		tables = append(tables, c.table)
	}
	slices.Sort(tables)
	tables = slices.Compact(tables)
	text := fmt.Sprintf("%s and %s meet in %s more than once, and nothing is known to keep others out in between", a.Name, b.Name, strings.Join(tables, ", "))
	if a.Operation == b.Operation {
		text = fmt.Sprintf("two of %s meet in %s more than once, and nothing is known to keep others out in between", a.Name, strings.Join(tables, ", "))
	}
	kind := Stale
	if !oneTransaction(all) {
		kind, text = Split, text+": there are several transactions"
	}
	return Reason{Kind: kind, Who: a.Name, Tables: tables, Text: text}
}

func (m *moments) reason(kind Kind, text string, tables ...string) Reason {
	return Reason{Kind: kind, Who: m.Name, Tables: slices.Compact(tables), Text: text}
}

func (m *moments) level(tx int) string { return words(m.levels[tx].Name) }

// onlyAdds reports whether all that is written to a table is new rows.
func (m *moments) onlyAdds(table string) bool {
	return !slices.ContainsFunc(m.writes, func(w write) bool { return w.table == table && !w.adds })
}

func (s *Statement) position() int { return 4 * s.Number }

func both(a, b string) string {
	if a == b {
		return a
	}
	return min(a, b) + " and " + max(a, b)
}
