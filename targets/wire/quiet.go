package wire

import (
	"maps"
	"time"
)

// Listen says whether anybody wants to know what passes, from the next batch of requests on. Requests that nobody listens to, and their
// answers, are no events: they are followed and counted, so that what comes later can be read, and nothing of them is kept beyond that. What
// a later event needs (statements that were prepared, portals, the transaction's state) is known all the same. A new Conn is listened to.
func (c *Conn) Listen(on bool) { c.deaf.Store(!on) }

// Counts are what a connection has done so far, listened to or not.
type Counts struct {
	// Statements that were answered, refused ones included: each of a text of several, and each execution of a prepared one. Empty ones are
	// left out.
	Statements int64
	// Transactions that have ended. A statement outside a transaction is one; one that only sets or shows something of the session (SET,
	// SHOW, USE …) is none. Several that come in one text of PostgreSQL's count once.
	Transactions int64
	// Errors that the server answered, by their codes; they have no messages.
	Errors map[Error]int64
	// Busy is how long requests that nobody listened to were with the server, from when they came to when all were answered.
	Busy time.Duration
}

// mostCodes bounds the codes of errors that are told apart.
const mostCodes = 1000

// Add adds another connection's.
func (c *Counts) Add(o Counts) {
	c.Statements += o.Statements
	c.Transactions += o.Transactions
	c.Busy += o.Busy
	for code, n := range o.Errors {
		c.refused(code, n)
	}
}

// refused counts errors of a code.
func (c *Counts) refused(e Error, n int64) {
	if c.Errors == nil {
		c.Errors = map[Error]int64{}
	}
	e.Message = ""
	if _, known := c.Errors[e]; known || len(c.Errors) < mostCodes {
		c.Errors[e] += n
	}
}

// Counts are those so far.
func (c *Conn) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	counts.Errors = maps.Clone(counts.Errors)
	return counts
}

// Standing says which request is the first without an answer (0: none), and how the transaction stands.
func (c *Conn) Standing() (unanswered int64, state State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reader == nil {
		return 0, Idle
	}
	return c.reader.standing()
}

// begins decides at the beginning of a request whether it is listened to. All of a batch is, or none.
func (c *Conn) begins() {
	if c.between {
		c.quiet = c.deaf.Load()
		c.between = false
	}
}

// free says that the client's bytes up to here are of requests that nobody listens to, or data of one that has gone on.
func (c *Conn) free() { c.freeTo = c.fromClient.at }

// tellFree adds the event that says so.
func (c *Conn) tellFree() {
	if c.freeTo > c.told {
		c.told = c.freeTo
		c.fromClient.events = append(c.fromClient.events, Event{End: c.freeTo})
	}
}

// waits notes a request that waits for its answer.
func (c *Conn) waits(quiet bool) {
	c.asks = true
	if quiet {
		if c.hushed == 0 {
			c.since = time.Now()
		}
		c.hushed++
	}
}

// waited notes that a request is done with.
func (c *Conn) waited(quiet bool) {
	if quiet {
		if c.hushed--; c.hushed == 0 {
			c.counts.Busy += time.Since(c.since)
		}
	}
}
