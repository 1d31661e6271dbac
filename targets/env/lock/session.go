package lock

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// session is one client that takes locks around its operations.
type session struct {
	row    *row
	inner  harness.Session
	server int
	locker Locker // nil before the first operation, and after one whose locks were kept or lost
	keep   background

	cells  []harness.Cell // of the operation, in cell order
	held   []*hold
	since  int // how many times a lock's server had been killed before they were taken
	waited time.Duration
	done   int // operations, to choose those that a misuse strikes
}

// Do takes the locks, makes the attempt, and gives the locks back.
func (s *session) Do(ctx context.Context, op *harness.Op) harness.Result {
	s.begin(op)
	var err error
	if s.misuse() != locksLate {
		err = s.take(ctx)
	}
	var res harness.Result
	if err != nil {
		res = harness.Result{Outcome: harness.Failed, Conflict: harness.LockTimeout, Err: err}
	} else {
		res = s.inner.Do(ctx, op)
	}
	res.Waited += s.waited
	if res.Outcome == harness.Failed && (errors.Is(res.Err, ErrBusy) || errors.Is(res.Err, errLost)) {
		res.Conflict = harness.LockTimeout
	}
	s.end(ctx, &res)
	return res
}

func (s *session) begin(op *harness.Op) {
	s.cells = op.Touches(s.cells[:0])
	for i := range op.Steps {
		s.cells = append(s.cells, op.Steps[i].Cells...) // what it reads
	}
	slices.Sort(s.cells)
	s.cells = slices.Compact(s.cells)
	s.waited = 0
	s.done++
}

func (s *session) misuse() misuse { return s.row.instance.design.misuse }

// take waits for the locks of all cells, in cell order.
func (s *session) take(ctx context.Context) error {
	if s.locker == nil {
		s.locker = s.row.instance.service.locker(s.server)
	}
	s.since = s.row.instance.kills.count()
	for _, c := range s.cells {
		from := time.Now()
		s.row.waiting[c].Add(1)
		lease, err := s.locker.Lock(ctx, c)
		s.row.waiting[c].Add(-1)
		took := time.Since(from)
		s.waited += took
		s.row.wait(took)
		if err != nil {
			return err
		}
		s.row.enter(c)
		s.held = append(s.held, newHold(s.row, c, lease))
	}
	return nil
}

// wanted reports whether another client waits for a lock that the session holds.
func (s *session) wanted() bool {
	return slices.ContainsFunc(s.held, func(h *hold) bool { return s.row.waiting[h.cell].Load() > 0 })
}

// token is the highest that the session holds: the counter is one for all cells.
func (s *session) token() int64 {
	var most int64
	for _, h := range s.held {
		most = max(most, h.lease.Token())
	}
	return most
}

// end does with the locks what the outcome calls for: see the package's comment.
func (s *session) end(ctx context.Context, res *harness.Result) {
	for _, h := range s.held {
		s.row.leave(h.cell)
	}
	switch {
	case errors.Is(res.Err, harness.ErrCrashed):
		for _, h := range s.held {
			h.abandon()
		}
		s.held = nil
		if s.locker != nil {
			_ = s.locker.Close() // the dead do not mind
			s.locker = nil
		}
	case res.Outcome == harness.Unknown && len(s.held) > 0:
		s.keep.settle(s.row.instance.opt.Store, s.held, s.locker)
		s.held, s.locker = nil, nil
	default:
		s.giveBack(ctx)
	}
}

// unlockTimeout bounds giving back the locks of an attempt whose own time may be up.
const unlockTimeout = 2 * time.Second

// giveBack gives back all locks. Where that fails, it is tried again in the background, by a session of its own.
func (s *session) giveBack(ctx context.Context) {
	if s.misuse() == noOwner && s.done%lateEvery == 0 {
		_ = harness.Sleep(ctx, lateBy*shortExpiry) // whoever is late here is late for a lock that is another's by now
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
	defer cancel()
	var failed []*hold
	for _, h := range slices.Backward(s.held) {
		if err := h.unlock(ctx); err != nil {
			failed = append(failed, h)
		}
	}
	s.held = s.held[:0]
	if len(failed) > 0 {
		s.keep.settle(nil, failed, s.locker)
		s.held, s.locker = nil, nil
	}
}

// Close ends the client, and with it the locks that were kept for it.
func (s *session) Close() error {
	err := s.inner.Close()
	s.keep.close()
	if s.locker != nil {
		err = errors.Join(err, s.locker.Close())
	}
	return err
}
