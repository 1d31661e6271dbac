package reads

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// replicaReader is one client's reads from the replica.
type replicaReader struct {
	d      *replica
	client int
	// behindhand: the next read waits for the replica first.
	behindhand bool

	answered, stale int64
	behind          time.Duration // the most at a stale read
	waits           int64
	waited          time.Duration
}

func (r *replicaReader) begin() {
	if r.d.kind.waits != afterConflict {
		r.behindhand = true
	}
}

func (r *replicaReader) Read(ctx context.Context, c harness.Cell) (value, version int64, ok bool, err error) {
	known, fresh := r.d.known.newest(c), r.behindhand
	from := time.Now()
	value, version, age, err := r.d.store.Read(ctx, r.client, c, fresh)
	if err != nil {
		return 0, 0, false, err
	}
	if r.answered++; fresh {
		r.waits++
		r.waited += time.Since(from)
	}
	r.behindhand = fresh && r.d.kind.waits == everyRead
	// What follows the first read of an attempt is as new as that, which is all that it has to be.
	if follows := r.d.kind.waits == firstRead && !fresh; version < known && !follows {
		r.stale++
		r.behind = max(r.behind, age)
	}
	return value, version, true, nil
}

// Keep: the replica answers all reads.
func (r *replicaReader) Keep(harness.Cell, int64, int64) {}

func (r *replicaReader) end(_ *harness.Op, res *harness.Result) {
	r.d.known.learn(res)
	r.behindhand = res.Outcome == harness.Failed && res.Conflict != harness.NoConflict
}

// catchingUp is how long reads took that waited.
func (r *replicaReader) catchingUp() []store.Figure {
	mean := 0.0
	if r.waits > 0 {
		mean = millis(r.waited / time.Duration(r.waits))
	}
	return []store.Figure{{
		Name: "catching-up", Value: mean, Unit: "ms that a read took that waited for what was committed, on average", Of: r.waits,
	}}
}
