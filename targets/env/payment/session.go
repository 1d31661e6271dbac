package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/env/payment/service"
)

// session is one client of a row.
type session struct {
	row     *target
	inner   harness.Session
	moved   harness.Op // scratch
	charged int64      // of call-before: the operation that was charged last
}

// Close ends the client.
func (s *session) Close() error { return s.inner.Close() }

// Do makes one attempt at op.
func (s *session) Do(ctx context.Context, op *harness.Op) harness.Result {
	if callOf(op) == nil {
		return s.inner.Do(ctx, op)
	}
	return s.row.way.do(s, ctx, op)
}

// request is what a Call asks for. key: with a key of its own, so that it is booked once.
func request(op int64, call *harness.Step, keyed bool) service.Request {
	r := service.Request{Op: op, Amount: max(call.Delta, -call.Delta), Card: service.CardOf(call.Outcome)}
	if keyed {
		r.Key = fmt.Sprintf("op-%d", op)
	}
	return r
}

// pay asks once, and takes no answer for a refusal.
func (s *session) pay(ctx context.Context, op *harness.Op, call *harness.Step) error {
	status, err := s.row.ask(ctx, call, request(op.ID, call, false))
	switch {
	case err != nil:
		return fmt.Errorf("%s %w: %w", call.Service, harness.ErrServiceDown, err)
	case status == service.Declined:
		return fmt.Errorf("%s %w", call.Service, harness.ErrDeclined)
	case status == service.Unavailable:
		return fmt.Errorf("%s %w", call.Service, harness.ErrServiceDown)
	}
	return nil
}

// refusal is the result of an operation that ended with what pay says, before the store was asked.
func refusal(err error) harness.Result {
	if errors.Is(err, harness.ErrDeclined) {
		return harness.Result{Outcome: harness.Rejected}
	}
	return harness.Result{Outcome: harness.Failed, Err: err}
}

// leg does a part of an operation under a number of its own. No steps: it is done.
func (s *session) leg(ctx context.Context, id int64, op *harness.Op, steps []harness.Step) harness.Result {
	if len(steps) == 0 {
		return harness.Result{Outcome: harness.OK}
	}
	return s.inner.Do(ctx, &harness.Op{ID: id, Name: op.Name, Steps: steps, Undoes: op.Undoes})
}

func isDone(r *harness.Result) bool { return r.Err != nil && errors.Is(r.Err, harness.ErrDone) }

// finish brings an operation whose first leg is committed to its end: what it says is paid, or taken back. Where the time is up before,
// nobody knows how it will end, and it stays in the book.
func (s *session) finish(ctx context.Context, u *unsettled) harness.Result {
	call := callOf(&u.op)
	status, err := s.row.definite(ctx, u.op.ID, call)
	if err != nil {
		return harness.Result{Outcome: harness.Unknown, Err: err}
	}
	steps, outcome := u.second, harness.OK
	if status == service.Declined {
		steps, outcome = opposite(u.first), harness.Rejected
	}
	res, err := s.must(ctx, u, steps)
	if err != nil {
		return harness.Result{Outcome: harness.Unknown, Err: err, Queued: res.Queued, Waited: res.Waited}
	}
	if status == service.Declined {
		s.row.compensations.Add(1)
	}
	s.row.book.settled(u)
	res.Outcome, res.Err, res.Conflict = outcome, nil, harness.NoConflict
	return res
}

// must does the second leg, which no guard refuses, again and again until it is done.
func (s *session) must(ctx context.Context, u *unsettled, steps []harness.Step) (harness.Result, error) {
	var all harness.Result
	for wait := firstWait; ; wait = longer(wait) {
		res := s.leg(ctx, second(u.op.ID), &u.op, steps)
		all.Queued, all.Waited = all.Queued+res.Queued, all.Waited+res.Waited
		switch {
		case res.Outcome == harness.OK, isDone(&res):
			all.Seen = res.Seen
			return all, nil
		case res.Outcome == harness.Rejected:
			return all, fmt.Errorf("operation %d: what was left to do was refused, and nothing guards it", u.op.ID)
		case res.Outcome == harness.Unknown, errors.Is(res.Err, harness.ErrCrashed), errors.Is(res.Err, harness.ErrServerLost):
			return all, res.Err // whether it is done only the journal can tell
		}
		if harness.Sleep(ctx, wait) != nil {
			return all, fmt.Errorf("the payment is answered, and the sale not finished: %w", res.Err)
		}
	}
}

// Between two tries it waits from 1 ms on, at most 32 ms.
const (
	firstWait = time.Millisecond
	mostWait  = 32 * time.Millisecond
)

func longer(wait time.Duration) time.Duration { return min(2*wait, mostWait) }
