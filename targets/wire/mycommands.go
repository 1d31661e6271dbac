package wire

import (
	"bytes"
	"strconv"
	"strings"
)

// myGrammar is that of MySQL's SQL.
var myGrammar = grammar{backslash: true, hash: true}

// Commands ("Command Phase"; MariaDB's own: COM_STMT_BULK_EXECUTE).
const (
	comQuit        = 0x01
	comUseSchema   = 0x02
	comQuery       = 0x03
	comFieldList   = 0x04
	comStatistics  = 0x09
	comProcesses   = 0x0a
	comChangeUser  = 0x11
	comBinlogDump  = 0x12
	comTableDump   = 0x13
	comPrepare     = 0x16
	comExecute     = 0x17
	comLongData    = 0x18
	comClose       = 0x19
	comResetStmt   = 0x1a
	comFetch       = 0x1c
	comBinlogGTID  = 0x1e
	comReset       = 0x1f
	comBulkExecute = 0xfa
)

var commandNames = map[byte]string{
	0x04: "field list", 0x05: "create schema", 0x06: "drop schema", 0x07: "refresh", 0x08: "shutdown", 0x09: "statistics",
	0x0a: "processes", 0x0c: "kill", 0x0d: "debug", 0x0e: "ping", 0x1a: "reset of a statement", 0x1b: "option",
}

// lastPrepared is the number by which MariaDB's clients execute what they prepared last.
const lastPrepared = 1<<32 - 1

// command takes in a command of the client.
func (m *mysql) command(command byte, c *cursor) {
	switch command {
	case comQuit:
		m.note(Request{Kind: Quit, Last: true})
	case comUseSchema:
		m.push(Request{Kind: UseSchema, Name: string(c.b), Last: true}, myTurn{command: command})
	case comQuery:
		m.query(c)
	case comChangeUser:
		r := Request{Kind: ChangeUser, Name: c.text(), Last: true}
		c.counted()
		r.Attributes = map[string]string{"schema": c.text()}
		m.session.User, m.session.Database = r.Name, r.Attributes["schema"]
		m.forgetAll()
		m.push(r, myTurn{command: command})
	case comBinlogDump, comTableDump, comBinlogGTID:
		m.giveUp(&m.fromClient, "the connection is for replication")
	case comPrepare:
		m.prepare(c)
	case comExecute, comBulkExecute:
		m.execute(command, c)
	case comLongData:
		m.longData(c)
	case comClose:
		m.closeStatement(c)
	case comResetStmt, comFetch:
		m.again(command, c)
	case comReset:
		m.forgetAll()
		m.push(Request{Kind: Reset, Last: true}, myTurn{command: command})
	default:
		name := commandNames[command]
		if name == "" {
			name = "command " + strconv.Itoa(int(command))
		}
		m.push(Request{Name: name, Last: true}, myTurn{command: command})
	}
}

// query takes in statements, and what may come before them: attributes, which are sent like parameters.
func (m *mysql) query(c *cursor) {
	r := Request{Kind: Query, Cut: m.in.cut(), Last: true}
	if m.can&canAttributes != 0 {
		n := c.length()
		c.length() // sets of them: one
		if values, types, ok := m.values(c, n, nil, true); ok {
			r.Attributes = attributes(types, values)
		} else {
			r.Cut, c.b = true, nil
		}
	}
	turn := myTurn{command: comQuery, session: settles(c.b)}
	if !m.quiet {
		r.SQL = string(c.b)
		r.Control, turn.each = controls(r.SQL, myGrammar)
	}
	m.push(r, turn)
}

// settles reports whether a statement only sets or shows something of the session.
func settles(sql []byte) bool {
	const longest = len("DEALLOCATE")
	word := bytes.TrimLeft(sql, " \t\r\n")
	word = word[:min(len(word), longest)]
	n := 0
	for n < len(word) && wordByte(word[n]) {
		n++
	}
	for _, one := range []string{"SET", "USE", "SHOW"} {
		if n == len(one) && strings.EqualFold(string(word[:n]), one) {
			return true
		}
	}
	return false
}

func attributes(types []myType, values []Value) map[string]string {
	if len(values) == 0 {
		return nil
	}
	named := map[string]string{}
	for i, v := range values {
		named[types[i].name] = v.String()
	}
	return named
}

func (m *mysql) prepare(c *cursor) {
	s := &myStatement{sql: string(c.b), cut: m.in.cut()}
	s.control, s.each = controls(s.sql, myGrammar)
	s.session = settles(c.b)
	s.size = len(s.sql) + overhead
	m.remember(&m.fromClient, s.size)
	m.prepared = s
	m.push(Request{Kind: Prepare, SQL: s.sql, Cut: s.cut, Control: s.control, Last: true}, myTurn{command: comPrepare, statement: s})
}

// statement is the one of that number; where the Conn did not see it prepared, one without a text.
func (m *mysql) statement(c *cursor) (s *myStatement, id uint32) {
	id = uint32(c.little(4))
	if s = m.statements[id]; s == nil && id == lastPrepared {
		s = m.prepared
	}
	if s == nil {
		s = &myStatement{cut: true}
	}
	return s, id
}

// named is a statement's number as a name, for those who listen.
func (m *mysql) named(id uint32) string {
	if m.quiet {
		return ""
	}
	return strconv.FormatUint(uint64(id), 10)
}

func (m *mysql) execute(command byte, c *cursor) {
	s, id := m.statement(c)
	r := Request{Kind: Execute, Name: m.named(id), SQL: s.sql, Cut: s.cut || m.in.cut(), Control: s.control, Last: true}
	switch {
	case m.opt.CommitsOnly:
	case m.in.cut():
		r.Unread = "longer than what is kept"
	case !s.known:
		r.Unread = "the server has not said yet how many there are"
	case m.quiet:
		m.overhear(command, c, s)
	case command == comBulkExecute:
		r.Params, r.Unread = m.bulkParams(c, s)
	default:
		r.Params, r.Attributes, r.Unread = m.executeParams(c, s)
	}
	m.lose(s)
	m.push(r, myTurn{command: command, statement: s, each: s.each, session: s.session})
}

// lose forgets parameters that were sent ahead.
func (m *mysql) lose(s *myStatement) {
	for _, b := range s.long {
		m.remember(&m.fromClient, -len(b)-overhead)
	}
	s.long, s.lost = nil, false
}

func (m *mysql) longData(c *cursor) {
	s, id := m.statement(c)
	at := int(c.little(2))
	m.note(Request{Kind: LongData, Name: m.named(id), SQL: s.sql, Cut: s.cut, Bytes: max(0, m.in.size-7)})
	before, sent := s.long[at]
	if m.quiet || s.size == 0 || m.in.cut() || len(before)+len(c.b) > m.opt.Request {
		s.lost = true
		return
	}
	if s.long == nil {
		s.long = map[int][]byte{}
	}
	if !sent {
		m.remember(&m.fromClient, overhead)
	}
	s.long[at] = append(before, c.b...)
	m.remember(&m.fromClient, len(c.b))
}

func (m *mysql) closeStatement(c *cursor) {
	s, id := m.statement(c)
	m.note(Request{Kind: Close, Name: m.named(id), SQL: s.sql, Cut: s.cut})
	delete(m.statements, id)
	m.forget(s)
}

func (m *mysql) forget(s *myStatement) {
	m.lose(s)
	m.remember(&m.fromClient, -s.size)
	s.size = 0
}

func (m *mysql) forgetAll() {
	for id, s := range m.statements {
		delete(m.statements, id)
		m.forget(s)
	}
	m.prepared = nil
}

// again takes in a command about a statement that was executed: to end it, or for more of its rows.
func (m *mysql) again(command byte, c *cursor) {
	s, id := m.statement(c)
	r := Request{Kind: Fetch, Name: m.named(id), SQL: s.sql, Cut: s.cut, Last: true}
	if command == comResetStmt {
		r.Kind = Other
		r.Name = commandNames[command]
		m.lose(s)
	}
	m.push(r, myTurn{command: command, statement: s})
}
