package engine

import (
	"sync"

	"github.com/lastseat/lastseat/harness"
)

// shelf is where a client lets its log be read while it works, where somebody else is to have it. In a row of one process there is none.
type shelf struct {
	mu    sync.Mutex // of the client's logs, and of what follows
	begun harness.Record
	op    *harness.Op // under way; nil: none is
	log   int         // the log, of the client's, and
	next  int         // the record in it that is the next to be collected
}

// begin notes an operation before it is sent.
func (c *client) begin(rec *harness.Record, op *harness.Op) {
	if c.shelf == nil {
		return
	}
	c.shelf.mu.Lock()
	c.shelf.begun, c.shelf.op = *rec, op
	c.shelf.mu.Unlock()
}

// record notes its answer.
func (c *client) record(rec *harness.Record, op *harness.Op, res *harness.Result) {
	if c.shelf == nil {
		c.log.AppendOp(*rec, op, res)
		return
	}
	c.shelf.mu.Lock()
	c.log.AppendOp(*rec, op, res)
	c.shelf.op = nil
	c.shelf.mu.Unlock()
}

// Collected is an operation as Collect found it.
type Collected struct {
	harness.Recorded
	Error string // what it met; empty: nothing, or nothing that is kept
	Open  bool   // it was begun and is not answered yet: it may come again, answered
}

// Collect hands over what clients have recorded since the last Collect, client by client, at most so many records of each, and then what each
// has begun. A client that has something to record meanwhile waits: take may not. What it is handed is valid during the call. More
// reports whether a client has recorded more.
func (s *Share) Collect(most int, take func(c *Collected)) (more bool) {
	for _, c := range s.clients {
		more = c.collect(most, take) || more
	}
	return more
}

func (c *client) collect(most int, take func(c *Collected)) (more bool) {
	s := c.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := 0; ; {
		log := c.logs[s.log]
		for ; s.next < log.Len() && n < most; n++ {
			r := log.At(s.next)
			take(&Collected{Recorded: r, Error: log.Errors[r.ID]})
			s.next++
		}
		if s.next < log.Len() {
			return true
		}
		if s.log == len(c.logs)-1 {
			break
		}
		s.log, s.next = s.log+1, 0
	}
	if s.op != nil {
		open := harness.Log{Process: c.process}
		rec := s.begun
		rec.Outcome, rec.Tries = harness.Unknown, 1
		rec.Begin, rec.End = rec.Invoke, rec.Invoke // at the earliest
		open.AppendOp(rec, s.op, &harness.Result{Outcome: harness.Unknown})
		r := open.At(0)
		r.ID = s.op.ID
		take(&Collected{Recorded: r, Open: true})
	}
	return false
}
