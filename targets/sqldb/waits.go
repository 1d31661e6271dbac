package sqldb

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Wait says that a session waits for another's lock. Servers that do not say for whose have For 0.
type Wait struct{ Session, For int64 }

// led notes a session whose actions are announced, and unled forgets it.
func (s *Server) led(id int64) {
	s.ledMu.Lock()
	defer s.ledMu.Unlock()
	s.ledID = append(s.ledID, id)
}

func (s *Server) unled(id int64) {
	s.ledMu.Lock()
	defer s.ledMu.Unlock()
	if i := slices.Index(s.ledID, id); i >= 0 {
		s.ledID = slices.Delete(s.ledID, i, i+1)
	}
}

// Waiting is how many sessions whose actions are announced wait for a lock.
func (s *Server) Waiting(ctx context.Context) (int, error) {
	if s.cfg.Dialect.Waits == nil {
		return 0, nil
	}
	s.ledMu.Lock()
	ids := slices.Clone(s.ledID)
	s.ledMu.Unlock()
	waits, err := s.cfg.Dialect.Waits(ctx, s.monitor, ids)
	if err != nil {
		return 0, s.gone(fmt.Errorf("ask the server who waits: %w", err))
	}
	n, knotted := stillWaiting(waits)
	if knotted > 0 && s.stays(waits) {
		n += knotted
	}
	return n, nil
}

// knot is who was seen waiting for each other, and since when.
type knot struct {
	waits []Wait
	since time.Time
}

// stays reports whether the server leaves those who wait for each other alone. MySQL follows only one of the sessions that each
// waits for, and may not see a circle before the others are done.
func (s *Server) stays(waits []Wait) bool {
	s.ledMu.Lock()
	defer s.ledMu.Unlock()
	if !slices.Equal(waits, s.knot.waits) {
		s.knot = knot{waits: waits, since: time.Now()}
	}
	return s.cfg.Dialect.Resolves > 0 && time.Since(s.knot.since) > s.cfg.Dialect.Resolves
}

// stillWaiting counts who waits, and apart from them those who wait for each other: the server is about to refuse one of them.
func stillWaiting(waits []Wait) (n, knotted int) {
	of := map[int64][]int64{}
	for _, w := range waits {
		of[w.Session] = append(of[w.Session], w.For)
	}
	for id := range of {
		if reaches(of, id, id, map[int64]bool{}) {
			knotted++
		} else {
			n++
		}
	}
	return n, knotted
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
