package lock

import (
	"context"
	"slices"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// mutexes are in the memory of each application server, and end with it.
type mutexes struct {
	terms   terms
	mu      sync.Mutex
	servers []map[harness.Cell]chan struct{} // full while somebody holds it
}

func openMutexes(_ context.Context, _ *design, opt store.ComponentOptions) (service, error) {
	return &mutexes{servers: make([]map[harness.Cell]chan struct{}, opt.Servers)}, nil
}

func (m *mutexes) begin(_ context.Context, t terms, _ int) error {
	m.terms = t
	for i := range m.servers {
		m.servers[i] = map[harness.Cell]chan struct{}{}
	}
	return nil
}

// share is nothing: each process has its own.
func (m *mutexes) share() attachment                 { return attachment{} }
func (m *mutexes) join(t terms, _ string) error      { return m.begin(context.Background(), t, 0) }
func (m *mutexes) locker(server int) Locker          { return &mutexLocker{all: m, server: server} }
func (m *mutexes) mortals() ([]store.Mortal, string) { return nil, "" }
func (m *mutexes) Close() error                      { return nil }
func (m *mutexes) of(server int, c harness.Cell) chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.servers[server][c] == nil {
		m.servers[server][c] = make(chan struct{}, 1)
	}
	return m.servers[server][c]
}

// mutexLocker is a client's. A client that dies takes its process with it, and the process its mutexes.
type mutexLocker struct {
	all    *mutexes
	server int
	held   []*mutexLease
}

// Lock waits in line.
func (l *mutexLocker) Lock(ctx context.Context, c harness.Cell) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, l.all.terms.wait)
	defer cancel()
	m := l.all.of(l.server, c)
	select {
	case m <- struct{}{}:
	case <-ctx.Done():
		return nil, ErrBusy
	}
	lease := &mutexLease{locker: l, mutex: m}
	l.held = append(l.held, lease)
	return lease, nil
}

// Close gives back what the client holds.
func (l *mutexLocker) Close() error {
	for len(l.held) > 0 {
		_ = l.held[0].Unlock(context.Background()) // never fails
	}
	return nil
}

type mutexLease struct {
	locker *mutexLocker
	mutex  chan struct{}
}

func (l *mutexLease) Unlock(context.Context) error {
	if i := slices.Index(l.locker.held, l); i >= 0 {
		l.locker.held = slices.Delete(l.locker.held, i, i+1)
		<-l.mutex
	}
	return nil
}

func (l *mutexLease) Token() int64              { return 0 }
func (l *mutexLease) Held(context.Context) bool { return slices.Contains(l.locker.held, l) }
