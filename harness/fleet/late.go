package fleet

import (
	"context"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness/stats"
)

// lateness is by how much a timer of this process is late: on a machine that is out of processors, by many milliseconds.
type lateness struct {
	mu sync.Mutex
	h  stats.Histogram
}

// watch measures until ctx ends.
func (l *lateness) watch(ctx context.Context) {
	const every = 20 * time.Millisecond
	for ctx.Err() == nil {
		from := time.Now()
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		l.mu.Lock()
		l.h.Record(time.Since(from) - every)
		l.mu.Unlock()
	}
}

// ninth is what 9 of 10 timers were late at most.
func (l *lateness) ninth() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.h.Quantile(0.9)
}
