package harness

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// ErrServerGone is what Result.Err matches when the server cannot be reached any more: the row ends.
var ErrServerGone = errors.New("server gone")

const (
	firstBackoff = time.Millisecond
	maxBackoff   = 32 * time.Millisecond
)

// client runs the operations of one client, one after the other: the closed loop.
type client struct {
	run     *run
	session Session
	ops     Client
	rand    *rand.Rand
	log     *Log
	logs    []*Log
	names   map[string]uint8
	last    Answer
	seq     int // of the process's last operation
	process int32
	claimed int64 // operations this client may still do before it asks for more
	acct    Accounting
	done    atomic.Int64 // acct.Processed, for the progress line
	failure error        // the first that no conflict explains
	gone    error
}

// claim is how many operations a client takes from the row's bound at once.
const claim = 16

// loop does operations until the round ends.
func (c *client) loop(ctx context.Context) {
	for !c.run.stop.Load() && c.mayGoOn() {
		c.one(ctx)
	}
}

func (c *client) mayGoOn() bool {
	if c.run.cfg.Ops == 0 {
		return true
	}
	if c.claimed == 0 {
		left := c.run.left.Add(-claim) + claim
		if left <= 0 {
			return false
		}
		c.claimed = min(left, claim)
	}
	c.claimed--
	return true
}

// one does one operation: attempts until it is answered, then accounts and records.
func (c *client) one(ctx context.Context) {
	op := c.ops.Next(c.last)
	c.seq++
	op.ID = OpID(c.process, c.seq)
	rec := Record{Undoes: op.Undoes, Name: c.name(op.Name), Invoke: c.run.now()}
	var res Result
	for {
		rec.Tries++
		res = c.attempt(ctx, op)
		if rec.Tries == 1 {
			rec.Begin = rec.Invoke + int64(res.Queued)
		}
		c.acct.Queued += res.Queued
		c.acct.Waited += res.Waited
		if res.Outcome != Failed || res.Conflict == NoConflict {
			break
		}
		c.acct.Conflicts[res.Conflict]++
		if int(rec.Tries) == c.run.cfg.MaxTries {
			c.acct.Exhausted++
			break
		}
		if !c.backoff(ctx, int(rec.Tries)) {
			break
		}
	}
	rec.End = c.run.now()
	rec.Outcome = res.Outcome
	c.count(&rec)
	if !c.run.cfg.Counts {
		c.log.appendOp(rec, op, &res)
	}
	c.last = Answer{Op: op.ID, Outcome: res.Outcome}
	if res.Outcome == Failed && res.Conflict == NoConflict {
		c.failed(res.Err)
	}
	if res.Err != nil && errors.Is(res.Err, ErrServerGone) {
		c.gone = res.Err
		c.run.stop.Store(true)
	}
	if res.Outcome == Unknown {
		c.newProcess()
	}
}

// failed notes an operation that failed without a conflict. That an outside service is down is what the workload asked for.
func (c *client) failed(err error) {
	switch {
	case errors.Is(err, ErrServiceDown):
		c.acct.Down++
	case c.failure == nil:
		c.failure = err
	}
}

func (c *client) attempt(ctx context.Context, op *Op) Result {
	if c.run.timeout == 0 {
		return c.session.Do(ctx, op)
	}
	ctx, cancel := context.WithTimeout(ctx, c.run.timeout)
	defer cancel()
	return c.session.Do(ctx, op)
}

func (c *client) count(r *Record) {
	a := &c.acct
	a.Outcomes[r.Outcome]++
	a.Attempts += int64(r.Tries)
	if r.Tries > 1 {
		a.Retried++
	}
	a.Latency[r.Outcome].Record(time.Duration(r.End - r.Invoke))
	c.done.Store(c.done.Load() + 1)
}

// backoff pauses before attempt tries+1: exponential from 1 ms, full jitter, at most 32 ms. False: the run was given up.
func (c *client) backoff(ctx context.Context, tries int) bool {
	limit := min(firstBackoff<<min(tries-1, 20), maxBackoff)
	d := time.Duration(c.rand.Int64N(int64(limit) + 1))
	c.acct.Backoff += d
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// newProcess makes the client a new process, as after an unknown outcome: its operation may still take effect beside the
// next one.
func (c *client) newProcess() {
	c.process += int32(c.run.cfg.Concurrency)
	c.seq = 0
	c.log = &Log{Process: c.process}
	c.logs = append(c.logs, c.log)
}

func (c *client) name(n string) uint8 {
	if i, ok := c.names[n]; ok {
		return i
	}
	i := c.run.nameIndex(n)
	c.names[n] = i
	return i
}
