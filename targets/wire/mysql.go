package wire

// mysql reads the protocol of MySQL and MariaDB. Commands wait in a queue for their answers; each answer is read to its end, because
// that is the only way to know where the next one begins.
type mysql struct {
	*Conn
	greeting   greeting
	responded  bool // the client has answered the greeting
	compressed bool // all is compressed once the client is let in
	can, more  uint32
	in, out    packets

	statements map[uint32]*myStatement
	prepared   *myStatement // the last
	waiting    queue[*myTurn]
	local      bool // the client sends a file
	sent       int64
	state      State
	autocommit bool

	phase phase
	left  int // packets of the phase to come
	under *Answer
	kept  rows
	names int // bytes of the columns' names so far
}

// phase is what the server's next packet is.
type phase uint8

const (
	begin   phase = iota // an answer's first
	params               // a description of a parameter
	columns              // one of a column
	split                // an EOF between columns and rows
	inRows
)

func newMySQL(c *Conn) reader {
	return &mysql{Conn: c, statements: map[uint32]*myStatement{}, autocommit: true}
}

// myStatement is a prepared statement.
type myStatement struct {
	sql     string
	cut     bool
	control Control
	each    []Control
	known   bool // the server has said how many parameters it has
	params  int
	types   []myType       // of parameters, as sent with an execution
	long    map[int][]byte // parameters sent ahead
	lost    bool           // of those, more than is kept
	columns []Column
	size    int
}

// myType is a parameter's type.
type myType struct {
	number   byte
	unsigned bool
	name     string
}

// myTurn is a command whose answer is to come.
type myTurn struct {
	*Request
	command   byte
	statement *myStatement
	each      []Control
	results   int  // answers so far
	unsure    bool // which statement the next answer is to
	size      int
}

// push has a request wait for its answer.
func (m *mysql) push(r *Request, turn *myTurn) {
	turn.Request, turn.size = r, len(r.SQL)+overhead
	m.request(r)
	m.remember(&m.fromClient, turn.size)
	m.waiting.push(turn)
}

func (m *mysql) pop() {
	if turn := m.waiting.pop(); turn != nil {
		m.remember(&m.fromServer, -turn.size)
	}
}

// client takes in what the client sends.
func (m *mysql) client(b []byte) (on []byte) {
	on = b
	d := &m.fromClient
	for len(b) > 0 && !m.opaque {
		n, whole := m.in.take(b, func() int { return m.opt.Request })
		d.at += int64(n)
		if b = b[n:]; whole {
			m.packet()
			m.in.spare()
		}
	}
	return on
}

// packet takes in one of the client's. Those that count from 0 are commands, but for those of a file.
func (m *mysql) packet() {
	c := &cursor{b: m.in.body}
	switch {
	case m.local:
		if m.sent += m.in.size; m.in.size == 0 {
			m.request(&Request{Kind: LocalFile, Bytes: m.sent, Last: true})
			m.local, m.sent = false, 0
		}
	case !m.responded:
		m.response(c)
	case m.in.seq == 0 && m.in.size > 0:
		m.command(c.byte(), c)
	}
}

// server takes in what the server sends.
func (m *mysql) server(b []byte) (on []byte) {
	on = b
	d := &m.fromServer
	if !m.greeting.over {
		b = m.greet(b)
	}
	for len(b) > 0 && !m.opaque {
		n, whole := m.out.take(b, m.keepAnswer)
		d.at += int64(n)
		if b = b[n:]; whole {
			m.answered()
			m.out.spare()
		}
	}
	return on
}

func (m *mysql) greet(b []byte) (rest []byte) {
	d := &m.fromServer
	n, ok := m.greeting.take(b, !m.opt.Overhear)
	d.at += int64(n)
	switch {
	case !ok && m.greeting.at == versionAt && b[n-1] == errPacket:
		m.giveUp(d, "the server refused the connection")
	case !ok:
		m.giveUp(d, "the server does not begin as MySQL's and MariaDB's do")
	case m.greeting.over:
		m.session.ID, m.session.Server = uint64(m.greeting.id), string(m.greeting.version)
		if m.greeting.can&canLongPassword != 0 {
			m.greeting.more = 0
		}
	}
	return b[n:]
}

// keepAnswer says how much of a packet is kept.
func (m *mysql) keepAnswer() int {
	if m.phase != inRows {
		if m.opt.CommitsOnly {
			return sparseRequest
		}
		return answerKept
	}
	return max(m.kept.room(m.open(), &m.opt), sparseRequest) // its end is short
}
