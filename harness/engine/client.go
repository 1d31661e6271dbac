package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness"
)

const (
	firstBackoff = time.Millisecond
	maxBackoff   = 32 * time.Millisecond
)

// client runs the operations of one client, one after the other: when the previous one is answered (closed loop), when the
// schedule says (open loop), or together with all other clients (burst).
type client struct {
	run      *run
	session  harness.Session
	ops      harness.Client
	rand     *rand.Rand
	log      *harness.Log
	logs     []*harness.Log
	names    map[string]uint8
	last     harness.Answer
	seq      int // of the process's last operation
	process  int32
	refused  int   // how many of its operations in a row ended in a conflict and are not tried again
	claimed  int64 // operations this client may still do before it asks for more
	due      int64 // open loop: when the operation that it holds is due, on the schedule's clock
	holds    bool  // open loop: it has taken an operation from the schedule, and not begun it
	acct     Accounting
	live     live        // what others read of it while it works
	failure  error       // the first that no conflict explains
	panics   int         // operations that panicked, of which the client goes on
	panicked *PanicError // the first of those
	gone     error
}

// claim is how many operations a client takes from the row's bound at once.
const claim = 16

// loop does operations until the round ends.
func (c *client) loop(ctx context.Context) {
	if c.run.barrier != nil {
		defer c.run.barrier.leave(c.run.stop.Load)
	}
	guard(fmt.Sprintf("client %d", c.log.Process), func() { c.work(ctx) }, c.run.fail)
}

func (c *client) work(ctx context.Context) {
	for !c.run.stop.Load() && (c.holds || c.mayGoOn()) {
		switch {
		case c.run.schedule != nil:
			c.scheduled(ctx)
		case c.run.barrier != nil:
			if !c.run.barrier.wait(c.run.stop.Load) {
				return
			}
			c.one(ctx, atOnce)
		default:
			c.one(ctx, atOnce)
		}
	}
}

// scheduled does the next operation of the schedule, or skips it because it is too late already. One that is not yet due when
// the round ends stays with the client.
func (c *client) scheduled(ctx context.Context) {
	s := c.run.schedule
	if !c.holds {
		c.due, c.holds = s.take(), true
	}
	due := c.due + s.offset
	if !s.sleepUntil(c.run, due) {
		return
	}
	c.holds = false
	lag := time.Duration(c.run.now() - due)
	c.acct.Lag.Record(lag)
	if limit := c.run.cfg.LatencyLimit; limit > 0 && lag > limit {
		c.acct.Skipped++
		return
	}
	c.one(ctx, due)
}

func (c *client) mayGoOn() bool {
	if c.run.cfg.Ops == 0 {
		return true
	}
	if c.claimed == 0 {
		size := int64(claim)
		if c.run.barrier != nil {
			size = 1 // waves of all clients, down to the last
		}
		left := c.run.left.Add(-size) + size
		if left <= 0 {
			return false
		}
		c.claimed = min(left, size)
	}
	c.claimed--
	return true
}

// hasClaim reports whether the client has operations left that it was promised before the round ended.
func (c *client) hasClaim() bool { return c.claimed > 0 || c.holds }

// atOnce is the due time of an operation that no schedule asked for.
const atOnce = -1

// one does one operation: attempts until it is answered, then accounts and records. Its latency counts from due, the run's
// time when it should have begun.
func (c *client) one(ctx context.Context, due int64) {
	op := c.ops.Next(c.last)
	c.seq++
	op.ID = harness.OpID(c.process, c.seq)
	rec := harness.Record{Undoes: op.Undoes, Name: c.name(op.Name), Invoke: c.run.now()}
	var res harness.Result
	var queued time.Duration
	for first := true; ; first = false {
		res = c.attempt(ctx, op)
		rec.Tries += uint16(1 + res.Further)
		if first {
			rec.Begin = rec.Invoke + int64(res.Queued)
		}
		c.acct.Ambiguous += int64(res.Ambiguous)
		if res.Outcome == harness.Unknown {
			c.acct.Ambiguous++
		}
		queued += res.Queued
		c.acct.Waited += res.Waited
		if res.Outcome != harness.Failed || res.Conflict == harness.NoConflict {
			break
		}
		c.acct.Conflicts[res.Conflict]++
		c.live.conflicts.Add(1)
		if int(rec.Tries) >= c.run.cfg.MaxTries || !op.Repeatable() {
			c.acct.Exhausted++
			break
		}
		if !c.backoff(ctx, int(rec.Tries)) {
			break
		}
	}
	rec.End = c.run.now()
	rec.Outcome = res.Outcome
	if due == atOnce {
		due = rec.Invoke
	}
	c.count(&rec, due, queued)
	if !c.run.cfg.Counts {
		c.log.AppendOp(rec, op, &res)
	}
	c.last = harness.Answer{Op: op.ID, Outcome: res.Outcome, Seen: res.Seen}
	if res.Outcome == harness.Failed && res.Conflict == harness.NoConflict {
		c.failed(res.Err)
	}
	if res.Err != nil && errors.Is(res.Err, harness.ErrServerLost) {
		c.gone = res.Err
		c.run.halt()
	}
	if res.Outcome == harness.Unknown || errors.Is(res.Err, harness.ErrCrashed) {
		c.notePanic(res.Err)
		c.newProcess()
	}
	c.rest(ctx, op, &res)
}

// rest pauses after a conflict that another operation follows, not another attempt, as before another attempt.
func (c *client) rest(ctx context.Context, op *harness.Op, res *harness.Result) {
	if res.Conflict == harness.NoConflict || op.Repeatable() {
		c.refused = 0
		return
	}
	c.refused++
	c.backoff(ctx, c.refused)
}

// failed notes an operation that failed without a conflict. That an outside service is down is what the workload asked for.
func (c *client) failed(err error) {
	switch {
	case errors.Is(err, harness.ErrServiceDown):
		c.acct.Down++
	case errors.Is(err, harness.ErrCrashed): // as it was meant to
	case c.failure == nil:
		c.failure = err
	}
}

// notePanic notes an operation of which the target says that it panicked.
func (c *client) notePanic(err error) {
	var p *PanicError
	if errors.As(err, &p) {
		if c.panics++; c.panicked == nil {
			c.panicked = p
		}
	}
}

// attempt makes an attempt, for which its time counts from when it has a connection.
func (c *client) attempt(ctx context.Context, op *harness.Op) harness.Result {
	if c.run.queue == nil {
		return c.inTime(ctx, op)
	}
	from := c.run.now()
	if err := c.run.queue.enter(ctx); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err, Queued: time.Duration(c.run.now() - from)}
	}
	defer c.run.queue.leave()
	queued := time.Duration(c.run.now() - from)
	res := c.inTime(ctx, op)
	res.Queued += queued
	return res
}

func (c *client) inTime(ctx context.Context, op *harness.Op) harness.Result {
	if c.run.timeout == 0 {
		return c.session.Do(ctx, op)
	}
	ctx, cancel := context.WithTimeout(ctx, c.run.timeout)
	defer cancel()
	return c.session.Do(ctx, op)
}

// count accounts for an operation that was due and waited for connections so long.
func (c *client) count(r *harness.Record, due int64, queued time.Duration) {
	a := &c.acct
	a.Queued += queued
	if c.run.queue != nil && (r.Outcome == harness.OK || r.Outcome == harness.Rejected) {
		a.Queue.Record(queued)
		a.Served.Record(time.Duration(r.End-r.Invoke) - queued)
	}
	a.Outcomes[r.Outcome]++
	a.Attempts += int64(r.Tries)
	if r.Tries > 1 {
		a.Retried++
	}
	took := time.Duration(r.End - due)
	a.Latency[r.Outcome].Record(took)
	c.live.count(r.Outcome, took)
}

// backoff pauses before attempt tries+1: exponential from 1 ms, full jitter, at most 32 ms. False: the run was given up.
func (c *client) backoff(ctx context.Context, tries int) bool {
	limit := min(firstBackoff<<min(tries-1, 20), maxBackoff)
	d := time.Duration(c.rand.Int64N(int64(limit) + 1))
	c.acct.Backoff += d
	return harness.Sleep(ctx, d) == nil
}

// newProcess makes the client a new process, as after an unknown outcome: its operation may still take effect beside the
// next one.
func (c *client) newProcess() {
	c.process += int32(c.run.cfg.Concurrency)
	c.seq = 0
	c.log = &harness.Log{Process: c.process, Spool: c.run.history.Spool}
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
