package reads

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// replicaReader is one client's reads from the replica.
type replicaReader struct {
	d *replica
	// behindhand: the next read waits for the replica first.
	behindhand bool

	answered, stale int64
	behind          time.Duration // the most at a stale read
	waits           int64
	waited          time.Duration
}

// begin: what an attempt may have to see is what was committed when it reads first, with whatever lock it holds by then.
func (r *replicaReader) begin() {
	if r.d.byLSN {
		r.behindhand = true
	}
}

func (r *replicaReader) Read(ctx context.Context, c harness.Cell) (value, version int64, ok bool, err error) {
	known, follows := r.d.known.newest(c), r.d.byLSN && !r.behindhand
	if err := r.catchUp(ctx); err != nil {
		return 0, 0, false, err
	}
	value, version, age, err := r.d.store.Read(ctx, c)
	if err != nil {
		return 0, 0, false, err
	}
	r.answered++
	// What follows in an attempt by LSN is as new as its first read, which is all that it has to be.
	if version < known && !follows {
		r.stale++
		r.behind = max(r.behind, age)
	}
	return value, version, true, nil
}

// catchUp waits for the replica where the attempt has to. The statement that reads comes after that: a snapshot taken by the
// statement that finds the replica far enough would be older than what it finds.
func (r *replicaReader) catchUp(ctx context.Context) error {
	if !r.behindhand {
		return nil
	}
	from := time.Now()
	if err := r.d.store.CatchUp(ctx); err != nil {
		return err
	}
	r.behindhand = false
	r.waits++
	r.waited += time.Since(from)
	return nil
}

// Keep: the replica answers all reads.
func (r *replicaReader) Keep(harness.Cell, int64, int64) {}

func (r *replicaReader) end(_ *harness.Op, res *harness.Result) {
	r.d.known.learn(res)
	r.behindhand = res.Outcome == harness.Failed && res.Conflict != harness.NoConflict
}
