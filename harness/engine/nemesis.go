package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// striker has a nemesis break things while clients work, and keeps what it broke.
type striker struct {
	nemesis store.Nemesis
	seed    uint64
	turn    int64
	read    func() *Reading // what the clients have done so far
	now     func() int64

	mu     sync.Mutex
	faults []harness.Fault
}

// turnOf is how many operations so many clients do in a turn, at the configuration's rate: as many as are due in a tenth of a second where that is less
// than one each.
func turnOf(clients int, rate float64) int64 {
	if rate > 0 {
		return min(max(int64(rate/10), 1), int64(clients))
	}
	return int64(clients)
}

// strike lets the nemesis break things until the round is over, or ctx ends, and tells fail of its error.
func (s *striker) strike(ctx, over context.Context, fail func(error)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(over, cancel)
	defer stop()
	r := rand.New(rand.NewPCG(s.seed, uint64(len(s.made(0)))|1<<33))
	guard("the fault", func() {
		served := func() int64 { return s.read().served() }
		if err := s.nemesis.Inject(ctx, store.Victims{Turn: s.turn, Served: served, Note: s.note, Rand: r}); err != nil {
			fail(err)
		}
	}, fail)
}

// note keeps a fault. Each is mended before the nemesis returns.
func (s *striker) note(what string) (mended func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := len(s.faults)
	s.faults = append(s.faults, harness.Fault{What: what, From: s.now()})
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults[i].To = s.now()
	}
}

// made are the faults from the n-th on, up to the first that is not mended.
func (s *striker) made(n int) []harness.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.faults[n:]
	if i := slices.IndexFunc(rest, func(f harness.Fault) bool { return f.To == 0 }); i >= 0 {
		rest = rest[:i]
	}
	return slices.Clone(rest)
}

// untried says what the row's fault did not come to do, without which a green says nothing; empty: it did.
func (r *run) untried() string {
	t := &r.row.Traits
	if r.row.Nemesis != nil && len(r.history.Faults) == 0 {
		return "no fault came to pass"
	}
	if !t.Severs && !t.Kills {
		return ""
	}
	if r.clients.Tally().Ambiguous > 0 {
		return ""
	}
	return "the fault left no operation's fate unknown"
}
