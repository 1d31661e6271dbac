package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// mutex puts one lock around everything.
type mutex struct {
	image
	mu sync.Mutex
}

func newMutex(start harness.State) shared {
	return &mutex{image: newImage(start)}
}

func (m *mutex) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	waited, err := s.lock(ctx, &m.mu, nil)
	if err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	defer m.mu.Unlock()
	return m.applied(ctx, s, op, waited)
}

func (m *mutex) close() {}

// striped has a lock a cell. An operation takes those of its cells in cell order, so that no two wait for each other.
type striped struct {
	image
	mu []sync.Mutex
}

func newStriped(start harness.State) shared {
	return &striped{image: newImage(start), mu: make([]sync.Mutex, len(start.Values))}
}

func (m *striped) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	if op.ReadOnly() {
		s.touched = s.touched[:0]
		for i := range op.Steps {
			s.touched = append(s.touched, op.Steps[i].Cells...)
		}
	}
	slices.Sort(s.touched)
	var waited time.Duration
	var held int
	defer func() {
		for _, c := range s.touched[:held] {
			m.mu[c].Unlock()
		}
	}()
	for i, c := range s.touched {
		d, err := s.lock(ctx, &m.mu[c], s.touched[i:i+1])
		if err != nil {
			return harness.Result{Outcome: harness.Failed, Err: err}
		}
		held++
		waited += d
	}
	return m.applied(ctx, s, op, waited)
}

func (m *striped) close() {}

// lock locks mu, which protects cells (nil: all), and says how long that took, where it had to wait.
func (s *session) lock(ctx context.Context, mu *sync.Mutex, cells []harness.Cell) (time.Duration, error) {
	if s.led {
		return 0, s.lockLed(ctx, mu, cells)
	}
	if mu.TryLock() {
		return 0, nil
	}
	from := time.Now()
	mu.Lock()
	return time.Since(from), nil
}

// lockLed asks the hook whenever the lock is taken, instead of waiting: whoever holds it goes on only when the hook says so.
func (s *session) lockLed(ctx context.Context, mu *sync.Mutex, cells []harness.Cell) error {
	if err := s.at(ctx, harness.AtLock, cells); err != nil {
		return err
	}
	for !mu.TryLock() {
		if err := s.hook.At(ctx, harness.AtBlocked); err != nil {
			return err
		}
	}
	return nil
}
