package wire

// postgres reads PostgreSQL's protocol. The client's requests wait in a queue for their answers, which come in the same order; an
// error ends all of them up to the next Sync (manual, "Extended Query").
type postgres struct {
	*Conn
	started  bool // the client has said who it is
	declined bool // the message that was just read asked for encryption
	asked    int  // answers of one byte, about encryption, that are to come
	in, out  messages

	statements map[string]*pgStatement
	portals    map[string]*pgPortal
	waiting    queue[*pgTurn]
	turns      []*pgTurn   // to be used again
	spares     []*pgPortal // so too
	skipping   bool        // the server looks at nothing before the next Sync
	copying    bool        // the client sends data
	sent       int64

	state State
	ran   bool    // a statement of a transaction has been done
	wrote bool    // a statement outside a transaction has written: it commits when the server is ready again
	data  bool    // the statement under way takes data from the client
	under *Answer // the answer that is coming in
	kept  rows
	notes []string // remarks for the next answer
}

func newPostgres(c *Conn) reader {
	return &postgres{Conn: c, statements: map[string]*pgStatement{}, portals: map[string]*pgPortal{}}
}

// pgStatement is a prepared statement.
type pgStatement struct {
	sql     string
	cut     bool
	control Control
	types   []uint32 // of parameters; those that nobody has said are 0
	columns []Column
	size    int // as remembered
}

// pgPortal is a prepared statement with its parameters. What came in a message is read once somebody wants to know.
type pgPortal struct {
	statement *pgStatement
	bound     []byte // the message, from the formats on
	read      bool
	params    []Value
	unread    string
	formats   []int  // of the columns
	shape     []byte // the message that describes the columns
	columns   []Column
	size      int
}

// pgTurn is a request whose answer is to come.
type pgTurn struct {
	*Request
	statement *pgStatement
	portal    *pgPortal
	simple    bool // it is not of the extended protocol: an error does not skip anything
	size      int
	quiet     bool    // nobody listens to it
	own       Request // of one that nobody listens to
}

// push has a request wait for its answer.
func (p *postgres) push(r Request, size int, turn pgTurn) {
	t := p.newTurn()
	t.statement, t.portal, t.simple, t.quiet, t.size = turn.statement, turn.portal, turn.simple, p.quiet, size+overhead
	if t.Request = &t.own; p.quiet {
		t.own = r
	} else {
		kept := r // it is the caller's for good
		t.Request = &kept
	}
	p.waits(t.quiet)
	p.request(t.Request)
	p.remember(&p.fromClient, t.size)
	p.waiting.push(t)
}

// newTurn is one that nobody has.
func (p *postgres) newTurn() *pgTurn {
	n := len(p.turns)
	if n == 0 {
		return &pgTurn{}
	}
	t := p.turns[n-1]
	p.turns = p.turns[:n-1]
	return t
}

// pop takes off the one that has waited longest.
func (p *postgres) pop() {
	turn := p.waiting.pop()
	if turn == nil {
		return
	}
	p.remember(&p.fromServer, -turn.size)
	p.waited(turn.quiet)
	if len(p.turns) < mostSpares {
		p.turns = append(p.turns, turn) // the client's next request takes it: it can be read until then
	}
}

// standing implements reader.
func (p *postgres) standing() (unanswered int64, state State) {
	if turn := p.waiting.head(); turn != nil {
		unanswered = turn.ID
	}
	return unanswered, p.state
}

// hush reports whether nobody listens to what comes for a turn.
func (p *postgres) hush(turn *pgTurn) bool {
	if turn == nil {
		return p.quiet
	}
	return turn.quiet
}

// syncs reports whether the server is ready again after the request.
func (t *pgTurn) syncs() bool { return t.simple || t.Kind == Sync }

// queue is first in, first out.
type queue[T any] struct {
	items []T
	from  int
}

func (q *queue[T]) push(item T) { q.items = append(q.items, item) }
func (q *queue[T]) len() int    { return len(q.items) - q.from }

func (q *queue[T]) head() (item T) {
	if q.len() > 0 {
		item = q.items[q.from]
	}
	return item
}

func (q *queue[T]) pop() (item T) {
	if q.len() == 0 {
		return item
	}
	var none T
	item, q.items[q.from] = q.items[q.from], none
	switch q.from++; {
	case q.from == len(q.items):
		q.items, q.from = q.items[:0], 0
	case q.from > 1024 && q.from > len(q.items)/2:
		q.items, q.from = append(q.items[:0], q.items[q.from:]...), 0
	}
	return item
}
