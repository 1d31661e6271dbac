package engine

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// watch reports progress, samples lock waits and ends the round where memory does until the round is over.
func (r *run) watch(ctx context.Context, over <-chan struct{}) {
	target, sampled := r.row.Target.(store.LockWaits)
	bounded := r.cfg.MaxRecorded > 0 && !r.cfg.Counts
	if r.cfg.Progress == nil && !sampled && !bounded {
		return
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	base := r.elapsed
	from := time.Now()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		if sampled {
			if n, err := target.LockWaits(ctx); err == nil {
				r.lockWait.add(n)
			}
		}
		if bounded && r.processed() >= r.cfg.MaxRecorded {
			r.full = true
			r.halt()
		}
		if r.cfg.Progress != nil {
			p := Progress{Label: r.row.Label, Elapsed: base + time.Since(from), Processed: r.processed()}
			if r.cfg.Duration > 0 || r.cfg.Ops == 0 {
				p.Limit = r.limit() - r.cfg.Reserve
			}
			r.cfg.Progress(p)
		}
	}
}

// processed is how many operations have been answered.
func (r *run) processed() int64 {
	var n int64
	for _, c := range r.clients {
		n += c.done.Load()
	}
	return n
}

// lockWaitMean averages samples.
type lockWaitMean struct{ sum, n int }

func (m *lockWaitMean) add(v int) { m.sum += v; m.n++ }

func (m *lockWaitMean) mean() float64 {
	if m.n == 0 {
		return 0
	}
	return float64(m.sum) / float64(m.n)
}
