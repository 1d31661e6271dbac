package sqldb

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Line is where connections of one process wait for an engine's single write lock, first come first served. An engine's own
// busy polling lets whoever released the lock take it again, while the others sleep.
type Line struct {
	Busy    func(error) bool // the lock is taken
	Timeout time.Duration    // the longest wait

	mu      sync.Mutex
	waiting []chan struct{}
}

// poll bounds how long the first in line sleeps where nobody of this process tells it that the lock is free.
const poll = 2 * time.Millisecond

// do runs try, which may find the lock taken: behind those who wait already, until it is not busy, or time is up.
func (l *Line) do(ctx context.Context, try func() error) (waited bool, err error) {
	turn := make(chan struct{}, 1)
	l.mu.Lock()
	if len(l.waiting) == 0 {
		l.mu.Unlock()
		if err := try(); !l.Busy(err) {
			return false, err
		}
		l.mu.Lock()
	}
	l.waiting = append(l.waiting, turn)
	l.mu.Unlock()
	defer l.leave(turn)
	timer := time.NewTimer(poll)
	defer timer.Stop()
	for from := time.Now(); ; timer.Reset(poll) {
		select {
		case <-turn:
		case <-timer.C:
			if !l.first(turn) && time.Since(from) < l.Timeout {
				continue
			}
		case <-ctx.Done():
			return true, fmt.Errorf("wait for the write lock: %w", ctx.Err())
		}
		if err := try(); !l.Busy(err) || time.Since(from) > l.Timeout {
			return true, err
		}
	}
}

func (l *Line) first(turn chan struct{}) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting[0] == turn
}

// leave gives up a place.
func (l *Line) leave(turn chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, turn)
	l.waiting = slices.Delete(l.waiting, i, i+1)
}

// next wakes the first in line. It keeps its place until it has the lock.
func (l *Line) next() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return
	}
	select {
	case l.waiting[0] <- struct{}{}:
	default:
	}
}
