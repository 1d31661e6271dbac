package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// rounds runs clients round after round until the row is decided, its time is up, its operations are done, or ctx ends.
func (r *run) rounds(ctx, work context.Context) error {
	if err := r.warmUp(ctx, work); err != nil {
		return err
	}
	limit := r.limit()
	round := r.firstRound(limit)
	for {
		r.round(ctx, work, round)
		if err := r.broken(); err != nil {
			return err
		}
		left := limit - r.elapsed
		if ctx.Err() != nil || left <= limit/100 || r.clients.Tally().Done || r.full || r.history.Spool.Err() != nil {
			return ctx.Err()
		}
		if err := r.pause(); err != nil {
			return err
		}
		if r.decided(work) || !r.cfg.fixed() && r.clients.Tally().Unseen() > 0 {
			return nil // nothing can be decided any more where operations are missing
		}
		round = min(r.nextRound(), left)
	}
}

// warmUp lets the clients work before the row begins: caches fill, plans are made. What they do there is recorded and judged,
// since the store keeps it, and left out of every figure.
func (r *run) warmUp(ctx, work context.Context) error {
	if r.cfg.Warmup == 0 {
		return nil
	}
	r.round(ctx, work, r.cfg.Warmup)
	r.clocked[len(r.clocked)-1].WarmUp = true
	r.elapsed, r.lockWait = 0, lockWaitMean{}
	return errors.Join(r.broken(), ctx.Err())
}

// limit is how long the row may take at most; an hour where only the operations are bounded.
func (r *run) limit() time.Duration {
	switch {
	case r.cfg.Duration > 0:
		return r.cfg.Duration
	case r.cfg.Ops > 0:
		return time.Hour
	}
	return r.cfg.Budget + r.cfg.Reserve
}

// firstRound is a quarter of the budget: an unsafe row usually shows itself there. nextRound doubles what was done, and, on
// the reserve, adds half of it.
func (r *run) firstRound(limit time.Duration) time.Duration {
	if r.cfg.fixed() {
		return r.checkpointed(limit)
	}
	return r.cfg.Budget / 4
}

func (r *run) nextRound() time.Duration {
	if r.cfg.fixed() {
		return r.checkpointed(time.Hour)
	}
	if r.elapsed >= r.cfg.Budget {
		return r.elapsed / 2
	}
	return r.elapsed
}

func (r *run) checkpointed(d time.Duration) time.Duration {
	if r.cfg.Checkpoint != nil && r.cfg.CheckpointEvery > 0 {
		return min(d, r.cfg.CheckpointEvery)
	}
	return d
}

// round lets all clients work for d.
func (r *run) round(ctx, work context.Context, d time.Duration) {
	var end context.CancelFunc
	r.over, end = context.WithCancel(context.Background())
	r.history.Final = harness.State{} // what decided read is old now
	from := time.Now()
	watched := make(chan struct{})
	var watchers sync.WaitGroup
	warmUp := r.cfg.Warmup > 0 && len(r.clocked) == 0
	r.clients.Begin(Work{For: d, WarmUp: warmUp, Halted: end})
	r.timeline.begin(r.now(), r.clients.Read())
	watchers.Go(func() { r.ring(ctx, d, watched) })
	watchers.Go(func() { guard("the watcher of lock waits", func() { r.watch(work, watched) }, r.fail) })
	watchers.Go(func() { guard("the watcher of progress", func() { r.sample(watched, warmUp) }, r.fail) })
	if r.row.Nemesis != nil {
		watchers.Go(func() { r.striker.strike(work, r.over, r.fail) })
	}
	r.clients.Work(work)
	end()
	close(watched)
	watchers.Wait()
	r.timeline.add(r.now(), r.clients.Read(), warmUp)
	r.elapsed += time.Since(from)
	r.clocked = append(r.clocked, Round{From: int64(from.Sub(r.begun)), To: r.now()})
}

// ring halts the round after d, or when ctx ends. The round waits for it: a bell that is late does not end the next round.
func (r *run) ring(ctx context.Context, d time.Duration, over <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		r.clients.Halt()
	case <-ctx.Done():
		r.clients.Halt()
	case <-over:
	}
}
