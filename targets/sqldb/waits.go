package sqldb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Wait says that a session waits for another's lock, in the transaction Tx. Servers that do not say for whose have For 0, and those
// that do not say in which Tx 0.
type Wait struct{ Session, For, Tx int64 }

// led notes a session whose actions are announced, and unled forgets it.
func (s *Server) watch(id int64) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	s.watchedIDs = append(s.watchedIDs, id)
}

func (s *Server) unwatch(id int64) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if i := slices.Index(s.watchedIDs, id); i >= 0 {
		s.watchedIDs = slices.Delete(s.watchedIDs, i, i+1)
	}
	delete(s.asked, id)
}

// asks notes that a session is about to ask for a cell's advisory lock.
func (s *Server) asks(id int64, cell harness.Cell) {
	if s.cfg.Dialect.LockName == nil {
		return
	}
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if !slices.Contains(s.watchedIDs, id) {
		return
	}
	if s.asked == nil {
		s.asked = map[int64]string{}
	}
	s.asked[id] = s.cfg.Dialect.LockName(s.cfg.Key, cell)
}

// Waiting is how many sessions whose actions are announced wait for a lock. Where the server refuses one of a circle at once, whether
// it is seen before that is chance, and it is not told.
func (s *Server) Waiting(ctx context.Context) (all store.Waits, err error) {
	if s.cfg.Dialect.Waits == nil {
		return store.Waits{}, nil
	}
	for _, node := range s.nodes() {
		waits, err := node.waiting(ctx)
		if err != nil {
			return store.Waits{}, err
		}
		all.Locks, all.Circle = all.Locks+waits.Locks, all.Circle+waits.Circle
	}
	return all, nil
}

// waiting counts those on one server: each numbers its own sessions.
func (s *Server) waiting(ctx context.Context) (store.Waits, error) {
	s.watchMu.Lock()
	ids, asked := slices.Clone(s.watchedIDs), maps.Clone(s.asked)
	s.watchMu.Unlock()
	waits, err := s.cfg.Dialect.Waits(ctx, s.monitor, ids, asked)
	if err != nil {
		return store.Waits{}, s.lost(fmt.Errorf("ask the server who waits: %w", err))
	}
	all := stillWaiting(waits)
	switch {
	case all.Circle == 0 || s.cfg.Dialect.Resolves == 0:
	case s.stays(waits):
		all.Locks, all.Circle = all.Locks+all.Circle, 0
	default:
		all.Circle = 0
	}
	return all, nil
}

// wait cycle is who was seen waiting for each other, and since when.
type waitCycle struct {
	waits []Wait
	since time.Time
}

// stays reports whether the server leaves those who wait for each other alone. MySQL follows only one of the sessions that each
// waits for, and may not see a circle before the others are done. The same sessions in other transactions are another circle: the
// one that was seen in an earlier schedule is over.
func (s *Server) stays(waits []Wait) bool {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	if !slices.Equal(waits, s.waitCycle.waits) {
		s.waitCycle = waitCycle{waits: waits, since: time.Now()}
	}
	return s.cfg.Dialect.Resolves > 0 && time.Since(s.waitCycle.since) > s.cfg.Dialect.Resolves
}

// stillWaiting counts who waits, and apart from them those who wait for each other: the server is about to refuse one of them.
func stillWaiting(waits []Wait) (all store.Waits) {
	of := map[int64][]int64{}
	for _, w := range waits {
		of[w.Session] = append(of[w.Session], w.For)
	}
	for id := range of {
		if reaches(of, id, id, map[int64]bool{}) {
			all.Circle++
		} else {
			all.Locks++
		}
	}
	return all
}

// reaches reports whether from waits, through others, for to.
func reaches(of map[int64][]int64, from, to int64, seen map[int64]bool) bool {
	for _, b := range of[from] {
		if b == to {
			return true
		}
		if !seen[b] {
			seen[b] = true
			if reaches(of, b, to, seen) {
				return true
			}
		}
	}
	return false
}
