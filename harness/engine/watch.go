package engine

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// watch samples lock waits until the round is over.
func (r *run) watch(ctx context.Context, over <-chan struct{}) {
	target, sampled := r.row.Target.(store.LockWaits)
	if !sampled {
		return
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		if n, err := target.LockWaits(ctx); err == nil {
			r.lockWait.add(n)
		}
	}
}

// sample keeps the timeline, reports progress, and ends the round where memory does, until the round is over.
func (r *run) sample(over <-chan struct{}, warmUp bool) {
	const look = 4 // ticks from one report to the next
	every := finestPoint * time.Duration(1+r.cfg.Concurrency/readCheap)
	r.timeline.width = max(r.timeline.width, every)
	if r.row.Clients != nil {
		r.timeline.width = max(r.timeline.width, finestElsewhere)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	base, from := r.elapsed, time.Now()
	begun := *r.timeline.last
	begun.At = base
	recent := []*Reading{&begun} // of the last second, the oldest first
	for n := 1; ; n++ {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		clock := r.now()
		due := r.timeline.due(clock + int64(every)/2)
		if !due && n%look != 0 {
			continue
		}
		now := r.clients.Read()
		now.At = base + time.Since(from)
		if due {
			r.timeline.add(clock, now, warmUp)
		}
		if n%look != 0 {
			continue
		}
		switch {
		case r.atMost > 0 && now.processed() >= r.atMost:
			r.full = true
			r.clients.Halt()
		case r.history.Spool.Err() != nil:
			r.clients.Halt()
		}
		for len(recent) > 1 && now.At-recent[0].At > time.Second {
			recent = recent[1:]
		}
		recent = append(recent, now)
		if r.cfg.Progress != nil {
			r.cfg.Progress(r.progress(recent))
		}
	}
}

// progress is how far the row is, by readings of the last second.
func (r *run) progress(recent []*Reading) Progress {
	now := recent[len(recent)-1]
	p := Progress{
		Label: r.row.Label, Elapsed: now.At, Processed: now.processed(), Ops: r.cfg.Ops, Conflicts: now.Conflicts, Found: r.broke.Load(),
	}
	if r.cfg.Duration > 0 || r.cfg.Ops == 0 {
		p.Limit = r.limit() - r.cfg.Reserve
	}
	if last := now.since(recent[0]); last.At > 0 {
		p.Rate = float64(last.OK.Count()) / last.At.Seconds()
		p.P50, p.P99 = last.OK.Quantile(0.5), last.OK.Quantile(0.99)
	}
	for i := range r.timeline.points {
		m := &r.timeline.points[i]
		p.Rates = append(p.Rates, float64(m.did.OK.Count())/max(m.did.At, 1).Seconds())
	}
	return p
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
