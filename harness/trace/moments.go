package trace

import "slices"

// moments are those of an operation at which it can conflict with others, as positions: 4×n is statement n, 4×n+1 when one that
// reads inside has its locks, and 4×n+2 the commit after it.
type moments struct {
	*Operation
	reads  []read
	writes []write
	locks  []lock
	levels []Level // by transaction
	unseen *Statement
}

type read struct {
	tx, at int
	table  string
	locked bool // as rows that there are; new ones, only where level.Gaps
	of     *Statement
}

type write struct {
	tx, at int
	table  string
	adds   bool
	keyed  bool
	of     *Statement
}

// lock is held from a position to another.
type lock struct {
	tx, from, to int
	on           string
	exclusive    bool
	rows         bool   // of a table; else the table is, or a name
	row          string // which one; empty: it cannot be told
	named        bool
	plain        bool // of a read that asks for none, where Level.Shares
}

// momentsOf goes through what an operation does.
func momentsOf(o *Operation, levelOf func(*Transaction) Level) *moments {
	m := &moments{Operation: o}
	for i := range o.Transactions {
		t := &o.Transactions[i]
		level := levelOf(t)
		m.levels = append(m.levels, level)
		for k := range t.Statements {
			m.statement(i, t, &t.Statements[k])
		}
	}
	return m
}

// end is the position of a transaction's commit.
func (m *moments) end(tx int) int { return 4*m.Transactions[tx].Ends + 2 }

// sees is the position of what a plain read sees.
func (m *moments) sees(tx, at int) int {
	level := m.levels[tx]
	if !level.Snapshot {
		return at
	}
	for i := range m.Transactions[tx].Statements {
		s := &m.Transactions[tx].Statements[i]
		if !level.Latest {
			return 4*s.Number - 1 // before it may have waited for a lock
		}
		if len(s.Reads) > 0 && len(s.Locks) == 0 {
			return min(at, 4*s.Number)
		}
	}
	return at
}

func (m *moments) statement(tx int, t *Transaction, s *Statement) {
	at := 4 * s.Number
	if s.Unseen != "" && m.unseen == nil {
		m.unseen = s
	}
	if m.levels[tx].Shares && !t.Autocommitted && len(s.Writes) == 0 {
		for _, table := range s.Reads {
			m.locks = append(m.locks, lock{tx: tx, from: at, to: m.end(tx), on: table, rows: true, row: s.Row, plain: true})
		}
	}
	for _, table := range s.Reads {
		own := slices.Contains(s.Writes, table) && !s.Inside // the rows that it writes are looked at again
		if own {
			continue
		}
		locking := !s.Inside && slices.ContainsFunc(s.Locks, func(l Lock) bool { return l.On == table && (l.Kind == ForUpdate || l.Kind == ForShare) })
		locked := locking || len(s.Writes) > 0 && m.levels[tx].Gaps
		r := read{tx: tx, at: at, table: table, locked: locked, of: s}
		if !locked || len(s.Writes) == 0 && !m.levels[tx].Latest {
			r.at = m.sees(tx, at)
		}
		m.reads = append(m.reads, r)
	}
	for _, table := range slices.Concat(s.Writes, s.Reaches) {
		m.writes = append(m.writes, write{tx: tx, at: at, table: table, adds: s.Adds && slices.Contains(s.Writes, table), keyed: s.Keyed, of: s})
	}
	for _, l := range s.Locks {
		m.lock(tx, at, t, l, s)
	}
}

func (m *moments) lock(tx, at int, t *Transaction, l Lock, s *Statement) {
	switch {
	case l.Kind == Release:
		for i := range m.locks {
			if !m.locks[i].rows && m.locks[i].to > at {
				m.locks[i].to = at
			}
		}
		return
	case l.Kind == ForKeyShare, l.Try, s.Adds && l.Kind == Write: // it may not have it, or keeps nobody out; rows that are new are nobody's
		return
	}
	if s.Inside {
		at++ // it has read by then
	}
	held := lock{tx: tx, from: at, to: m.end(tx), on: l.On, exclusive: l.Kind != ForShare && !l.Shared, rows: l.Kind != Advisory && l.Kind != Table, named: l.Kind == Advisory}
	if held.rows {
		held.row = s.Row
	}
	if l.Session {
		held.to = 1 << 40
	}
	if t.Autocommitted && held.rows && l.Kind != Write {
		held.to = at
	}
	m.locks = append(m.locks, held)
}
