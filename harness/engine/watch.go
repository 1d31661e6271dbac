package engine

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// watch reports progress and samples lock waits until the round is over.
func (r *run) watch(ctx context.Context, over <-chan struct{}) {
	target, sampled := r.row.Target.(store.LockWaits)
	if r.cfg.Progress == nil && !sampled {
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
		if r.cfg.Progress != nil {
			p := Progress{Label: r.row.Label, Elapsed: base + time.Since(from)}
			if r.cfg.Duration > 0 || r.cfg.Ops == 0 {
				p.Limit = r.limit() - r.cfg.Reserve
			}
			for _, c := range r.clients {
				p.Processed += c.done.Load()
			}
			r.cfg.Progress(p)
		}
	}
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
