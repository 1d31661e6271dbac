package wire

import "slices"

// prepareAnswered takes in the first packet of a prepared statement: its number, how many columns and parameters it has.
func (m *mysql) prepareAnswered(c *cursor, turn *myTurn) {
	s := turn.statement
	c.byte()
	id := uint32(c.little(4))
	columns, parameters := int(c.little(2)), int(c.little(2))
	c.take(1 + 2)
	follow := m.can&canLeaveColumns == 0 || len(c.b) == 0 || c.byte() == 1
	if c.bad || m.out.first != okPacket {
		m.giveUp(&m.fromServer, "the server's answer is malformed")
		return
	}
	if old := m.statements[id]; old != nil {
		m.forget(old)
	}
	m.statements[id] = s
	s.known, s.params = true, parameters
	m.left, m.phase = parameters, params
	if !follow {
		parameters, columns = 0, 0
	}
	m.under = nil
	m.open().Count = int64(columns) // those that are still to be described
	if parameters == 0 {
		m.toColumns(turn)
	}
}

// toColumns goes on from a prepared statement's parameters to its columns.
func (m *mysql) toColumns(turn *myTurn) {
	a := m.open()
	n := int(a.Count)
	if a.Count = 0; n == 0 {
		m.finish(turn, true)
		return
	}
	m.left, m.phase = n, columns
}

// described goes on from the last description to what comes behind it.
func (m *mysql) described(turn *myTurn) {
	a := m.open()
	switch {
	case turn.command != comPrepare:
		switch s := turn.statement; {
		case s == nil || m.opt.CommitsOnly:
		case turn.quiet && len(m.shape) > 0 && !slices.Equal(m.shape, s.columns):
			m.keepColumns(s, slices.Clone(m.shape))
		case !turn.quiet && len(a.Columns) > 0:
			m.keepColumns(s, a.Columns)
		}
		m.shape = m.shape[:0]
		m.phase = inRows
	case a.Count > 0:
		m.toColumns(turn)
	default:
		if len(a.Columns) > 0 {
			m.keepColumns(turn.statement, a.Columns)
		}
		m.finish(turn, true)
	}
}

// keepColumns remembers what a statement's rows look like: some servers say it once.
func (m *mysql) keepColumns(s *myStatement, columns []Column) {
	size := 0
	for _, col := range columns {
		size += len(col.Name) + 32
	}
	for _, col := range s.columns {
		size -= len(col.Name) + 32
	}
	if s.columns = columns; s.size > 0 {
		s.size += size
		m.remember(&m.fromServer, size)
	}
}

// row takes in a row, or the end of them.
func (m *mysql) row(c *cursor, turn *myTurn) {
	limit := int64(longest)
	if m.can&canDeprecateEOF == 0 {
		limit = 9 // a row that begins like this has a number of eight bytes behind it
	}
	if m.out.first == eofPacket && m.out.size < limit {
		m.okay(c, turn)
		return
	}
	a := m.open()
	if turn.quiet {
		a.Count++
		return
	}
	read := myTextRow
	if turn.command == comExecute || turn.command == comBulkExecute || turn.command == comFetch {
		read = myBinaryRow
	}
	m.kept.add(a, &m.opt, m.out.body, m.out.cut(), func(b []byte) ([]Value, bool) { return read(b, a.Columns) })
}

// failed takes in an error packet: the request is done with.
func (m *mysql) failed(c *cursor, turn *myTurn) {
	c.byte()
	number := int(c.little(2))
	if number == progress && turn != nil && m.more&canProgress != 0 {
		return
	}
	e := &Error{Number: number}
	if len(c.b) > 0 && c.b[0] == '#' {
		c.byte()
		e.Code = string(c.take(5))
	}
	e.Message = string(c.b)
	m.open().Error = e
	m.counts.refused(*e, 1)
	if turn != nil && turn.states() {
		m.counted(turn, m.state != Idle)
	}
	if turn != nil && turn.command == comPrepare {
		m.forget(turn.statement)
	}
	m.finish(turn, true)
}

// finish hands out the answer that came in. last: the request is done with.
func (m *mysql) finish(turn *myTurn, last bool) {
	a := m.open()
	quiet := m.hush(turn)
	m.under, m.phase, m.left = nil, begin, 0
	if a.Last, a.Ready = last, last && m.waiting.len() <= 1; turn != nil {
		a.To = turn.ID
		turn.results++
		if last {
			m.pop()
		}
	}
	a.State, a.Autocommit = m.state, m.autocommit
	m.answer(a, quiet)
}
