package explore_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func statement(ctx context.Context, hook harness.Hook, p harness.Point, cells ...harness.Cell) error {
	return hook(ctx, harness.Action{Point: p, Table: "t", Cells: cells, SQL: p.String()})
}

// lockedStore is a server that locks: a statement on a taken lock does not return until the other's transaction ends, first come first
// served, and the server knows who waits.
type lockedStore struct {
	mu     sync.Mutex
	free   *sync.Cond
	holder int // 0: nobody
	queue  []int
}

func newStore() *lockedStore {
	s := &lockedStore{}
	s.free = sync.NewCond(&s.mu)
	return s
}

func (s *lockedStore) lock(who int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == 0 {
		s.holder = who
		return
	}
	s.queue = append(s.queue, who)
	for s.holder != who {
		s.free.Wait()
	}
}

func (s *lockedStore) unlock(who int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != who {
		return
	}
	if s.holder = 0; len(s.queue) > 0 {
		s.holder, s.queue = s.queue[0], s.queue[1:]
	}
	s.free.Broadcast()
}

func (s *lockedStore) asks(context.Context) (store.Waits, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return store.Waits{Locks: len(s.queue)}, nil
}

// works are clients that lock the same row, write, and commit.
func (s *lockedStore) works(n int) (works []explore.Work) {
	for i := 1; i <= n; i++ {
		works = append(works, func(ctx context.Context, hook harness.Hook) {
			defer s.unlock(i)
			if hook(ctx, harness.Action{Point: harness.AtBegin, SQL: "BEGIN"}) != nil || statement(ctx, hook, harness.AtLock, 0) != nil {
				return
			}
			s.lock(i)
			if statement(ctx, hook, harness.AtWrite, 0) != nil || statement(ctx, hook, harness.AtCommit) != nil {
				return
			}
			s.unlock(i)
		})
	}
	return works
}

// TestWhoWaitsIsToldByTheStore: the second client waits as soon as the store says so; the first goes on; and it is noted at the end
// of which turn the second had the lock.
func TestWhoWaitsIsToldByTheStore(t *testing.T) {
	s := newStore()
	crew := explore.NewCrew(s.works(2), explore.Config{Waiting: s.asks})
	defer crew.Close()
	turns, err := crew.Replay(t.Context(), []int{0, 1, 0, 0, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(turns) != 6 || turns[1].Client != 1 || turns[1].BlockedUntil != 4 || turns[3].Point != harness.AtCommit {
		t.Errorf("%+v: want the second turn to wait until the first client's commit in turn 4", turns)
	}
	if turns[0].Begins != "BEGIN" || turns[0].BlockedUntil != 0 {
		t.Errorf("%+v: want a BEGIN before it, and no wait", turns[0])
	}
}

// TestAllSchedulesOfALock: three clients that lock first have as many schedules as they have orders in which to ask for the lock,
// while it is held or after: none ends before everybody is done.
func TestAllSchedulesOfALock(t *testing.T) {
	s := newStore()
	crew := explore.NewCrew(s.works(3), explore.Config{Waiting: s.asks})
	defer crew.Close()
	search := explore.Search{
		Lanes: []explore.Lane{{Player: crew, Each: func(_ context.Context, sc explore.Schedule) (explore.Judged, error) {
			if len(sc.Order) != 9 {
				t.Errorf("%v: want nine turns", sc.Order)
			}
			return explore.Judged{}, nil
		}, Clear: func(context.Context) error { return nil }}},
	}
	found, err := search.Run(t.Context())
	if err != nil || !found.Exhaustive || found.Run < 6 {
		t.Errorf("%+v, %v: want all schedules, six at least", found, err)
	}
}

// TestStuck: when everybody waits and nobody is set free, Play says so, in time, and everybody is let go.
func TestStuck(t *testing.T) {
	never := make(chan struct{})
	work := func(ctx context.Context, hook harness.Hook) {
		if statement(ctx, hook, harness.AtStatement) == nil {
			select {
			case <-never:
			case <-ctx.Done(): // the connection is cut
			}
		}
	}
	crew := explore.NewCrew([]explore.Work{work, work}, explore.Config{
		Waiting: func(context.Context) (store.Waits, error) { return store.Waits{Locks: 2}, nil }, Limit: 20 * time.Millisecond,
	})
	defer crew.Close()
	if _, err := crew.Replay(t.Context(), nil); !errors.Is(err, explore.ErrStuck) {
		t.Errorf("%v, want %v", err, explore.ErrStuck)
	}
}

// TestEndlessStatement: a statement that does not return, and waits for no lock, is not taken for one that waits.
func TestEndlessStatement(t *testing.T) {
	work := func(ctx context.Context, hook harness.Hook) {
		if statement(ctx, hook, harness.AtStatement) == nil {
			<-ctx.Done()
		}
	}
	crew := explore.NewCrew([]explore.Work{work}, explore.Config{
		Waiting: func(context.Context) (store.Waits, error) { return store.Waits{}, nil }, Limit: 20 * time.Millisecond,
	})
	defer crew.Close()
	if _, err := crew.Replay(t.Context(), nil); err == nil {
		t.Error("no error")
	}
}

// TestInterrupted: a context that ends gives the schedule up.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	works, _ := counter(2)
	crew := explore.NewCrew(works, explore.Config{})
	defer crew.Close()
	err := crew.Play(ctx, func() int {
		cancel()
		return 0
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
}

// TestServerThatCannotBeAsked: the error of asking who waits is the schedule's.
func TestServerThatCannotBeAsked(t *testing.T) {
	down := errors.New("connection refused")
	s := newStore()
	crew := explore.NewCrew(s.works(2), explore.Config{Waiting: func(context.Context) (store.Waits, error) { return store.Waits{}, down }})
	defer crew.Close()
	if _, err := crew.Replay(t.Context(), []int{0, 1}); !errors.Is(err, down) {
		t.Errorf("%v, want %v", err, down)
	}
}
