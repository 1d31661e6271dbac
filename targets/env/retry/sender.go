package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// An operation is sent so often at most, and ever less often: as a rule its time is up long before.
const (
	mostSendings = 100
	firstPause   = time.Millisecond
	longestPause = 64 * time.Millisecond
)

// sender is a client that sends an operation until it is answered.
type sender struct {
	harness.Session
	doubt doubt
}

func sending(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error) {
	s, err := inner.Session(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &sender{Session: s}, nil
}

// Do sends op until it is answered, or nobody is left to answer, or its time is up. A conflict is an answer: the engine tries again.
func (s *sender) Do(ctx context.Context, op *harness.Op) harness.Result {
	s.doubt.begin()
	for {
		res := s.Session.Do(ctx, op)
		s.doubt.add(&res)
		if s.doubt.settledBy(&res) || hopeless(res.Err) || s.doubt.sent >= mostSendings || !pause(ctx, s.doubt.sent) {
			return s.doubt.tell(res)
		}
	}
}

// hopeless reports whether another attempt would end as this one did.
func hopeless(err error) bool {
	return errors.Is(err, harness.ErrServerLost) || errors.Is(err, harness.ErrCrashed) || errors.Is(err, harness.ErrServiceDown)
}

// pause waits before an operation is sent once more. False: its time is up.
func pause(ctx context.Context, sent int) bool {
	return harness.Sleep(ctx, min(firstPause<<min(sent-1, 20), longestPause)) == nil
}

// doubt is what a client knows of an operation that it has sent, maybe more than once.
type doubt struct {
	sent, ambiguous int
	unknown         int              // sendings that were not answered
	err             error            // of the last of these
	seen            []harness.Access // by the first of these
	queued, waited  time.Duration
}

func (d *doubt) begin() { *d = doubt{seen: d.seen[:0]} }

// add takes in how a sending ended.
func (d *doubt) add(res *harness.Result) {
	if d.sent == 0 {
		d.queued = res.Queued // the operation began after that
	}
	d.sent += 1 + res.Further
	d.ambiguous += res.Ambiguous
	d.waited += res.Waited
	if res.Outcome != harness.Unknown {
		return
	}
	d.unknown++
	d.err = res.Err
	if d.unknown == 1 {
		d.seen = append(d.seen, res.Seen...)
	} else {
		d.seen = d.seen[:0] // which of them took effect, if any did, nobody can tell
	}
}

// settledBy reports whether the answer says what became of the operation, in all of its sendings.
func (d *doubt) settledBy(res *harness.Result) bool {
	switch {
	case res.Outcome == harness.OK, res.Outcome == harness.Rejected, errors.Is(res.Err, harness.ErrDone):
		return true
	}
	return res.Conflict != harness.NoConflict && d.unknown == 0
}

// tell is what the client knows in the end, res being the last answer. That a sending failed says nothing of one that was not
// answered; that the store knows the request does.
func (d *doubt) tell(res harness.Result) harness.Result {
	switch {
	case errors.Is(res.Err, harness.ErrDone):
		res = harness.Result{Outcome: harness.OK, Seen: d.seen}
	case res.Outcome == harness.Failed && d.unknown > 0:
		res = harness.Result{Outcome: harness.Unknown, Err: fmt.Errorf("%w; sent again, it failed: %w", d.err, res.Err), Seen: d.seen}
	}
	res.Queued, res.Waited, res.Further, res.Ambiguous = d.queued, d.waited, d.sent-1, d.ambiguous+d.unknown
	if res.Outcome == harness.Unknown {
		res.Ambiguous-- // the one that the rest speaks of
	}
	return res
}
