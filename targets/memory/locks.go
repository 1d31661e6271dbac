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
	mu   sync.Mutex
	hook harness.Hook
}

func newMutex(start harness.State, hook harness.Hook) shared {
	return &mutex{image: newImage(start), hook: hook}
}

func (m *mutex) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	waited := lock(&m.mu)
	defer m.mu.Unlock()
	return m.applied(ctx, s, op, m.hook, waited)
}

func (m *mutex) close() {}

// striped has a lock a cell. An operation takes those of its cells in cell order, so that no two wait for each other.
type striped struct {
	image
	mu   []sync.Mutex
	hook harness.Hook
}

func newStriped(start harness.State, hook harness.Hook) shared {
	return &striped{image: newImage(start), mu: make([]sync.Mutex, len(start.Values)), hook: hook}
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
	for _, c := range s.touched {
		waited += lock(&m.mu[c])
	}
	defer func() {
		for _, c := range s.touched {
			m.mu[c].Unlock()
		}
	}()
	return m.applied(ctx, s, op, m.hook, waited)
}

func (m *striped) close() {}

// lock locks mu and says how long that took, where it had to wait.
func lock(mu *sync.Mutex) time.Duration {
	if mu.TryLock() {
		return 0
	}
	from := time.Now()
	mu.Lock()
	return time.Since(from)
}
