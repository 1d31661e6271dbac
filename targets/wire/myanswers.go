package wire

// First bytes of packets that are answers, or that end rows.
const (
	okPacket    = 0x00
	localPacket = 0xfb
	eofPacket   = 0xfe
	errPacket   = 0xff
)

// Status flags that matter.
const (
	statusInTrans     = 1 << 0
	statusAutocommit  = 1 << 1
	statusMoreResults = 1 << 3
	statusCursor      = 1 << 6
)

// progress is the number of an error that is none: MariaDB says how far a statement has come.
const progress = 0xffff

// open is the answer that is coming in.
func (m *mysql) open() *Answer {
	if m.under == nil {
		m.under, m.kept, m.names = m.newAnswer(), rows{}, 0
	}
	return m.under
}

// answered takes in a packet of the server.
func (m *mysql) answered() {
	turn := m.waiting.head()
	c := &cursor{b: m.out.body}
	if m.out.first == errPacket && m.out.size > 0 && m.phase != params && m.phase != columns {
		m.failed(c, turn)
		return
	}
	if turn == nil {
		m.giveUp(&m.fromServer, "the server answered what nobody asked")
		return
	}
	switch m.phase {
	case begin:
		m.first(c, turn)
	case params, columns:
		m.description(c, turn)
	case split:
		m.splits(c, turn)
	case inRows:
		m.row(c, turn)
	}
}

// first takes in the first packet of an answer.
func (m *mysql) first(c *cursor, turn *myTurn) {
	switch turn.command {
	case comStatistics:
		m.finish(turn, true)
	case comChangeUser:
		m.letIn(c, turn)
	case comPrepare:
		m.prepareAnswered(c, turn)
	case comFetch, comFieldList:
		m.open()
		m.phase = inRows
		m.columnsOf(turn)
		m.row(c, turn)
	case comQuery, comExecute, comBulkExecute, comProcesses:
		m.result(c, turn)
	default:
		m.okay(c, turn)
	}
}

// letIn takes in what comes before the client is let in: questions of the server's, which the client answers in its own way.
func (m *mysql) letIn(c *cursor, turn *myTurn) {
	if m.out.first != okPacket {
		return
	}
	m.okay(c, turn)
	if m.compressed {
		m.giveUp(&m.fromServer, "the connection is compressed")
	}
}

// okay takes in an OK packet, or an EOF in its place.
func (m *mysql) okay(c *cursor, turn *myTurn) {
	a := m.open()
	short := m.out.first == eofPacket && m.can&canDeprecateEOF == 0
	c.byte()
	var status uint64
	if short {
		c.little(2) // warnings
		status = c.little(2)
	} else {
		a.Affected = int64(c.length())
		c.length() // the generated key
		status = c.little(2)
	}
	if c.bad {
		m.giveUp(&m.fromServer, "the server's answer is malformed")
		return
	}
	m.status(a, status, turn)
	m.finish(turn, status&statusMoreResults == 0)
}

// status takes in the state of the transaction, and decides whether it shows a commit: of a COMMIT, or of rows that a statement
// outside a transaction has written.
func (m *mysql) status(a *Answer, status uint64, turn *myTurn) {
	inside := m.state != Idle
	m.state = Idle
	if status&statusInTrans != 0 {
		m.state = Inside
	}
	m.autocommit = status&statusAutocommit != 0
	var does Control
	if i := turn.results; !turn.unsure && i < len(turn.each) {
		does = turn.each[i]
		turn.unsure = does&callsCode != 0
	}
	wrote := a.Affected > 0 && a.Columns == nil || a.Count > 0 && does&writes != 0 // and returned what it wrote
	if turn.states() {
		m.counted(turn, inside)
	}
	a.Commit = does&Commits != 0 || wrote && m.state == Idle
}

// states reports whether the answer is a statement's.
func (t *myTurn) states() bool {
	return t.command == comQuery || t.command == comExecute || t.command == comBulkExecute
}

// counted counts a statement that was answered, and the transaction that it ends. inside: it was in one before.
func (m *mysql) counted(turn *myTurn, inside bool) {
	m.counts.Statements++
	if m.state == Idle && (inside || !turn.session) {
		m.counts.Transactions++
	}
}

// result takes in the first packet of a result.
func (m *mysql) result(c *cursor, turn *myTurn) {
	switch {
	case m.out.first == localPacket && turn.command == comQuery:
		m.local = true // the OK comes once the client has sent the file
		return
	case m.out.first == okPacket:
		m.okay(c, turn)
		return
	}
	a := m.open()
	n := c.length()
	follow := m.leavesColumns() == 0 || c.byte() == 1
	if c.bad || n > 1<<16 {
		m.giveUp(&m.fromServer, "the server's answer is malformed")
		return
	}
	if m.left = int(n); follow {
		a.Columns = []Column{}
		m.phase, m.shape = columns, m.shape[:0]
		return
	}
	m.columnsOf(turn)
	m.left, m.phase = 0, split
	if m.can&canDeprecateEOF != 0 {
		m.phase = inRows
	}
}

// leavesColumns is not 0 where the server may leave out the columns' descriptions, and says whether it does.
func (m *mysql) leavesColumns() uint32 { return m.can&canLeaveColumns | m.more&canCacheMetadata }

// columnsOf has the rows' columns be those that the statement is known to have.
func (m *mysql) columnsOf(turn *myTurn) {
	a := m.open()
	a.Columns = []Column{}
	if turn.statement != nil && !turn.quiet {
		a.Columns = append(a.Columns, turn.statement.columns...)
	}
}

// description takes in a description of a parameter or a column.
func (m *mysql) description(c *cursor, turn *myTurn) {
	a := m.open()
	if m.phase == columns && !m.opt.CommitsOnly && (!turn.quiet || turn.statement != nil) {
		var like string
		overheard := turn.quiet && turn.command != comPrepare
		if overheard && len(m.shape) < len(turn.statement.columns) {
			like = turn.statement.columns[len(m.shape)].Name
		}
		col, ok := m.column(c, like)
		if m.names += len(col.Name); !ok || m.names > answerKept {
			m.giveUp(&m.fromServer, "the server's description of a column is malformed")
			return
		}
		col.Binary = turn.command != comQuery && turn.command != comProcesses
		if overheard {
			m.shape = append(m.shape, col)
		} else {
			a.Columns = append(a.Columns, col)
		}
	}
	if m.left--; m.left > 0 {
		return
	}
	if m.can&canDeprecateEOF == 0 {
		m.phase = split
		return
	}
	m.described(turn)
}

// column reads a description: catalog, schema, table, the table's own name, the column's, its own, MariaDB's additions, and what is
// of fixed length: the character set, the length, the type, flags. like is what its name probably is.
func (m *mysql) column(c *cursor, like string) (col Column, ok bool) {
	const unsigned = 1 << 5
	for range 4 {
		c.counted()
	}
	if name := c.counted(); string(name) == like {
		col.Name = like
	} else {
		col.Name = string(name)
	}
	c.counted()
	if m.more&canMoreMetadata != 0 {
		c.counted()
	}
	c.take(1 + 2 + 4)
	col.Type = uint32(c.byte())
	col.unsigned = c.little(2)&unsigned != 0
	return col, !c.bad
}

// splits takes in the EOF behind descriptions. Where a cursor is open, rows come only when they are fetched.
func (m *mysql) splits(c *cursor, turn *myTurn) {
	if m.out.first != eofPacket || m.out.size > 5 {
		m.giveUp(&m.fromServer, "the server's answer is malformed")
		return
	}
	if turn.command != comPrepare {
		c.take(1 + 2)
		if status := c.little(2); status&statusCursor != 0 {
			m.described(turn)
			m.status(m.open(), status, turn)
			m.finish(turn, true)
			return
		}
	}
	m.described(turn)
}
