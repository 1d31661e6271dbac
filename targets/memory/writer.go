package memory

import (
	"context"
	"sync"

	"github.com/lastseat/lastseat/harness"
)

// writer gives the cells to one goroutine. Sessions send it their operations and wait for the answer.
type writer struct {
	image
	requests chan request
	done     sync.WaitGroup
	turn     sync.Mutex // of sessions that are stepped, which must not wait for the goroutine
}

type request struct {
	ctx     context.Context
	session *session
	op      *harness.Op
	answer  chan<- harness.Result
}

func newWriter(start harness.State) shared {
	w := &writer{image: newImage(start), requests: make(chan request)}
	w.done.Go(func() {
		for r := range w.requests {
			r.answer <- w.applied(r.ctx, r.session, r.op, 0)
		}
	})
	return w
}

func (w *writer) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	if s.answer == nil {
		s.answer = make(chan harness.Result, 1)
	}
	if s.led {
		if err := s.lockLed(ctx, &w.turn, nil); err != nil {
			return harness.Result{Outcome: harness.Failed, Err: err}
		}
		defer w.turn.Unlock()
	}
	w.requests <- request{ctx: ctx, session: s, op: op, answer: s.answer}
	return <-s.answer
}

func (w *writer) close() {
	close(w.requests)
	w.done.Wait()
}
