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
	turns      []*myTurn // to be used again
	shape      []Column  // of an answer that nobody listens to
	types      []myType  // of an execution that nobody listens to
	local      bool      // the client sends a file
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
	session bool // it only sets or shows something of the session
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
	session   bool // it only sets or shows something of the session
	size      int
	quiet     bool    // nobody listens to it
	own       Request // of one that nobody listens to
}

// push has a request wait for its answer.
func (m *mysql) push(r Request, turn myTurn) {
	t := m.newTurn()
	*t = turn
	if t.quiet = m.quiet; t.quiet {
		t.own = r
		t.Request = &t.own
	} else {
		kept := r // it is the caller's for good
		t.Request = &kept
	}
	t.size = len(r.SQL) + overhead
	m.waits(t.quiet)
	m.request(t.Request)
	m.remember(&m.fromClient, t.size)
	m.waiting.push(t)
}

// newTurn is one that nobody has.
func (m *mysql) newTurn() *myTurn {
	n := len(m.turns)
	if n == 0 {
		return &myTurn{}
	}
	t := m.turns[n-1]
	m.turns = m.turns[:n-1]
	return t
}

func (m *mysql) pop() {
	turn := m.waiting.pop()
	if turn == nil {
		return
	}
	m.remember(&m.fromServer, -turn.size)
	m.waited(turn.quiet)
	if len(m.turns) < mostSpares {
		m.turns = append(m.turns, turn) // the client's next request takes it: it can be read until then
	}
}

// note adds a request that has no answer.
func (m *mysql) note(r Request) { m.request(&r) }

// standing implements reader.
func (m *mysql) standing() (unanswered int64, state State) {
	if turn := m.waiting.head(); turn != nil {
		unanswered = turn.ID
	}
	return unanswered, m.state
}

// hush reports whether nobody listens to what comes for a turn.
func (m *mysql) hush(turn *myTurn) bool {
	if turn == nil {
		return m.quiet
	}
	return turn.quiet
}

// client takes in what the client sends.
func (m *mysql) client(b []byte) (on []byte) {
	on = b
	d := &m.fromClient
	for len(b) > 0 && !m.opaque {
		n, whole := m.in.take(b, m.keepRequest)
		d.at += int64(n)
		b = b[n:]
		file, known := m.local, whole || m.in.have == len(m.in.head) && m.in.size > 0
		if whole {
			m.packet()
			m.in.spare()
		}
		if known && (file || m.quiet && !m.anew()) && !m.opaque {
			m.free()
		}
	}
	return on
}

// keepRequest says how much of a packet of the client's is kept. Data goes on with the command before it.
func (m *mysql) keepRequest() int {
	if m.local {
		return 0
	}
	if m.responded {
		m.begins()
	}
	return m.opt.Request
}

// anew reports whether the packet that came last has the session made anew. That is never overheard: somebody else answers it.
func (m *mysql) anew() bool {
	return m.in.seq == 0 && (m.in.first == comChangeUser || m.in.first == comReset)
}

// packet takes in one of the client's. Those that count from 0 are commands, but for those of a file.
func (m *mysql) packet() {
	c := &cursor{b: m.in.body}
	switch {
	case m.local:
		if m.sent += m.in.size; m.in.size == 0 {
			m.note(Request{Kind: LocalFile, Bytes: m.sent, Last: true})
			m.local, m.sent = false, 0
		}
	case !m.responded:
		m.response(c)
	case m.in.seq == 0 && m.in.size > 0:
		m.quiet = m.quiet && !m.anew()
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
	if m.hush(m.waiting.head()) {
		return sparseRequest
	}
	return max(m.kept.room(m.open(), &m.opt), sparseRequest) // its end is short
}
