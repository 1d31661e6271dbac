package engine

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Arrivals says how an open loop spaces its operations.
type Arrivals string

const (
	// Poisson: independent arrivals, as from many users who do not know each other; they bunch.
	Poisson Arrivals = "poisson"
	// Uniform: equal distances.
	Uniform Arrivals = "uniform"
)

// schedule is when the operations of an open loop are due, whether or not a client is free to begin them: what is late is
// begun late, and its latency counts from when it was due (no coordinated omission). All clients draw from one schedule, so
// an operation waits only while every client is busy. Its clock stands still while the clients pause between rounds.
type schedule struct {
	mu     sync.Mutex
	rand   *rand.Rand // nil: uniform
	source *rand.PCG  // of rand
	gap    float64    // mean distance, nanoseconds
	next   float64    // when the next operation is due, nanoseconds of the schedule's clock
	offset int64      // of the schedule's clock behind the run's: the pauses so far
	paused int64      // the run's time when the last round ended
	nap    func(time.Duration)
	over   chan struct{} // closed when the round ends
	woken  bool
}

func newSchedule(cfg *Config, from int) *schedule {
	s := &schedule{gap: float64(time.Second) / cfg.Rate, nap: sleepExactly}
	if cfg.nap != nil {
		s.nap = cfg.nap
	}
	if cfg.Arrivals != Uniform {
		s.source = rand.NewPCG(cfg.Seed, 1<<33+uint64(from))
		s.rand = rand.New(s.source)
	}
	s.step()
	return s
}

// begin starts a round.
func (s *schedule) begin(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += now - s.paused
	s.over, s.woken = make(chan struct{}), false
}

// end stops the clock, and wakes the clients whose operation is not yet due. Only a round's first end counts.
func (s *schedule) end(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.woken {
		s.woken, s.paused = true, now
		close(s.over)
	}
}

// take is when the next operation is due, on the schedule's clock.
func (s *schedule) take() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.next
	s.step()
	return int64(due)
}

func (s *schedule) step() {
	if s.rand == nil {
		s.next += s.gap
	} else {
		s.next += s.gap * s.rand.ExpFloat64()
	}
}

// restart forgets what was due until the pause, and takes back what clients hold for later: a warm-up leaves neither a backlog
// nor an operation of its own to the figures.
func (s *schedule) restart(clients []*client) {
	for _, c := range clients {
		if c.holds {
			s.next, c.holds = min(s.next, float64(c.due)), false
		}
	}
	s.next = max(s.next, float64(s.paused-s.offset))
}

// dropped is how many operations were due until the last round ended and were begun by no client.
func (s *schedule) dropped(clients []*client) int64 {
	ahead := schedule{gap: s.gap, next: s.next}
	if s.rand != nil {
		source := *s.source
		ahead.rand = rand.New(&source)
	}
	end := s.paused - s.offset
	var n int64
	for ; int64(ahead.next) < end; ahead.step() {
		n++
	}
	for _, c := range clients {
		if c.holds && c.due < end {
			n++
		}
	}
	return n
}

// early is how much before the due time a client stops trusting timers, which may be late by a millisecond.
const early = 1500 * time.Microsecond

// sleepUntil sleeps until the clients' clock shows due; false: the round ended first.
func (s *schedule) sleepUntil(share *Share, due int64) bool {
	for {
		left := time.Duration(due - share.now())
		switch {
		case left <= 0:
			return true
		case share.stop.Load():
			return false
		case left <= early:
			s.nap(left)
			continue
		}
		t := time.NewTimer(left - early)
		select {
		case <-t.C:
		case <-s.over:
			t.Stop()
			return false
		}
	}
}
