package wire

import (
	"sync"
	"sync/atomic"
	"time"
)

// Protocol is how clients and servers of an engine speak. The zero value is one that nobody here reads.
type Protocol struct {
	name    string
	read    func(*Conn) reader
	grammar grammar
}

// Postgres is PostgreSQL's protocol, version 3 (manual, "Frontend/Backend Protocol").
func Postgres() Protocol {
	return Protocol{name: "PostgreSQL's protocol", read: newPostgres, grammar: pgGrammar}
}

// MySQL is the protocol of MySQL and of MariaDB (MySQL source documentation, "Client/Server Protocol"; MariaDB documentation, the
// same title, for its extensions).
func MySQL() Protocol { return Protocol{name: "MySQL's protocol", read: newMySQL, grammar: myGrammar} }

// Known reports whether the package reads the protocol.
func (p Protocol) Known() bool { return p.read != nil }

func (p Protocol) String() string {
	if p.Known() {
		return p.name
	}
	return "an unknown protocol"
}

// Options say what a Conn keeps of what passes. The zero value keeps whole requests and no rows.
type Options struct {
	Rows    int // rows kept of an answer; all are counted
	Bytes   int // bytes of rows kept of an answer; 0: 1 MiB
	Request int // bytes kept of a request; what is longer is cut, and says so; 0: 64 MiB
	Memory  int // bytes of statements and of requests under way that are remembered; 0: 256 MiB. More makes the Conn opaque
	// Overhear: the Conn only listens. On is always what came, and encryption, where it is agreed on, makes the Conn opaque.
	// Otherwise the Conn declines encryption and compression: by Back, or by clearing the server's offer in On.
	Overhear bool
	// CommitsOnly: the only events are answers that acknowledge commits, and one that ends them. That is the cheapest.
	CommitsOnly bool
}

// Bounds where Options name none.
const (
	defaultBytes   = 1 << 20
	defaultRequest = 64 << 20
	defaultMemory  = 256 << 20
	// sparseRequest is more than the longest beginning of a request that shows a commit.
	sparseRequest = 64
)

// Conn reads one connection. Client and Server may be called by one goroutine each. What a Step holds is good until the next call
// for the same direction; Requests and Answers are the caller's for good.
type Conn struct {
	mu                     sync.Mutex
	opt                    Options
	reader                 reader
	opaque                 bool
	session                Session
	requests               int64   // so far
	held                   int     // bytes remembered
	spare                  *Answer // one that nobody was given, to be used again
	start                  []byte  // of what the client begins with: it goes on once it is whole
	fromClient, fromServer direction

	deaf    atomic.Bool // nobody listens to the batches that are to come
	quiet   bool        // nobody listens to the request that came last
	between bool        // the next request begins a batch
	asks    bool        // the batch has a request that waits for an answer
	freeTo  int64       // bytes of the client's of which nothing is to be held
	told    int64       // of those, how many the events have named
	batches int         // of the call, that nobody listens to
	hushed  int         // requests without an answer that nobody listens to
	since   time.Time   // the first of those came
	counts  Counts
}

// reader reads a protocol. Each of its methods takes in the next bytes and returns what goes on of them.
type reader interface {
	client(b []byte) (on []byte)
	server(b []byte) (on []byte)
	standing() (unanswered int64, state State)
}

// direction is one side's bytes.
type direction struct {
	at     int64 // bytes that have passed
	events []Event
	back   []byte
}

// NewConn makes a reader of one connection, from its first byte.
func (p Protocol) NewConn(opt Options) *Conn {
	c := &Conn{opt: opt, between: true}
	for _, d := range []struct {
		option *int
		value  int
	}{{&c.opt.Bytes, defaultBytes}, {&c.opt.Request, defaultRequest}, {&c.opt.Memory, defaultMemory}} {
		if *d.option <= 0 {
			*d.option = d.value
		}
	}
	if opt.CommitsOnly {
		c.opt.Request, c.opt.Rows = sparseRequest, 0
	}
	if c.opaque = !p.Known(); !c.opaque {
		c.reader = p.read(c)
	}
	return c
}

// Step is what the next bytes of a direction come to.
type Step struct {
	On     []byte  // to be passed on
	Back   []byte  // to be sent back to where the bytes came from, first
	Events []Event // in order
	// Batches is how many of the client's batches have become whole that nobody listens to, and that have an answer.
	Batches int
}

// Client takes in the next bytes that the client sent.
func (c *Conn) Client(b []byte) Step { return c.step(&c.fromClient, b, reader.client) }

// Server takes in the next bytes that the server sent. Unless the Conn overhears only, it clears an offer of encryption in b.
func (c *Conn) Server(b []byte) Step { return c.step(&c.fromServer, b, reader.server) }

func (c *Conn) step(d *direction, b []byte, read func(reader, []byte) []byte) Step {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(d.events) // what they named is the caller's
	d.events, d.back = d.events[:0], d.back[:0]
	c.batches = 0
	var on []byte
	ended := c.opaque
	if !ended {
		on = read(c.reader, b)
	}
	if c.opaque { // what was held goes on before anything else
		c.reader = nil
		if d == &c.fromClient {
			if !c.opt.Overhear {
				on = append(on, c.start...)
			}
			c.start = nil
		}
		if ended && len(on) > 0 {
			on = append(on, b...)
		} else if ended {
			on = b
		}
	}
	if d == &c.fromClient {
		c.tellFree()
	}
	return Step{On: on, Back: d.back, Events: d.events, Batches: c.batches}
}

// Session is what a Conn knows of its session.
type Session struct {
	ID       uint64 // process (PostgreSQL) or connection (MySQL) of the server; 0: not known yet
	Server   string // the server's version as it names itself
	User     string
	Database string
}

// Session is what is known so far.
func (c *Conn) Session() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// emit adds an event.
func (c *Conn) emit(d *direction, e Event) {
	if c.opaque && e.Opaque == "" {
		return
	}
	e.End = d.at
	if c.opt.CommitsOnly && e.Opaque == "" && (e.Answer == nil || !e.Answer.Commit) {
		return
	}
	if d == &c.fromClient {
		c.tellFree()
	}
	d.events = append(d.events, e)
}

// request numbers a request of the client and adds it.
func (c *Conn) request(r *Request) {
	c.requests++
	r.ID, c.between = c.requests, r.Last
	whole := r.Last && c.asks
	c.asks = c.asks && !whole
	if c.quiet {
		if whole {
			c.batches++
		}
		return
	}
	c.emit(&c.fromClient, Event{Request: r})
}

// answer adds an answer, unless nobody listens to it.
func (c *Conn) answer(a *Answer, quiet bool) {
	if !quiet {
		c.emit(&c.fromServer, Event{Answer: a})
	}
	if quiet || c.opt.CommitsOnly && !a.Commit {
		*a = Answer{}
		c.spare = a
	}
}

// newAnswer is an answer that nobody has.
func (c *Conn) newAnswer() *Answer {
	a := c.spare
	if c.spare = nil; a == nil {
		a = &Answer{}
	}
	return a
}

// giveUp ends the events.
func (c *Conn) giveUp(d *direction, why string) {
	if !c.opaque {
		c.opaque = true
		c.emit(d, Event{Opaque: why})
	}
}

// remember counts bytes that are kept for later; less than 0: they are not any more.
func (c *Conn) remember(d *direction, n int) {
	if c.held += n; c.held > c.opt.Memory {
		c.giveUp(d, "more statements and requests under way than are remembered")
	}
}

// overhead is what a remembered statement or request takes beside its text.
const overhead = 256
