package reads

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// replicaDelay is how long after its commit the replica shows a transaction at the earliest.
const replicaDelay = 5 * time.Millisecond

// replica has reads answered by a streaming standby, while writes go to the primary. What was written last is not there yet. After a
// conflict a client waits until the replica is where the primary is by then: or it would meet the version again that it lost to.
func replicaComponent() store.Component {
	return store.Component{
		Name: "replica", PerServer: true, Endangers: promise.Elsewhere(true),
		Explain: "a real streaming standby answers reads, and shows each commit 5 ms late (recovery_min_apply_delay), as one over a network " +
			"may: clients do not see what was just written",
		Open: func(ctx context.Context, opt store.ComponentOptions) (store.Instance, error) {
			return openReplica(ctx, opt, false, promise.Effect{
				Name: "replica", Causes: promise.Elsewhere(true),
				Why: "the decision rests on a read from the replica, which shows what the primary held some milliseconds ago",
			})
		},
	}
}

// replica-lsn asks the primary where its log ends, and reads once the replica has replayed it up to there: whatever was committed
// before is seen. The read is no part of the transaction all the same, so it takes a lock to keep others from writing in between.
func byLSNComponent() store.Component {
	return store.Component{
		Name: "replica-lsn", PerServer: true, Endangers: promise.Elsewhere(false),
		Explain: "reads wait until the same standby has replayed what the primary has written by then (its LSN), so they are never stale; " +
			"but they are no part of the transaction",
		Open: func(ctx context.Context, opt store.ComponentOptions) (store.Instance, error) {
			return openReplica(ctx, opt, true, promise.Effect{
				Name: "replica-lsn", Causes: promise.Elsewhere(false),
				Why: "the decision rests on a read from the replica, outside of the transaction, and other clients write in between",
			})
		},
	}
}

type replica struct {
	skip   string // why there are no such rows
	byLSN  bool
	effect promise.Effect
	store  store.Replica // nil where there are none

	known   known
	readers []*replicaReader
}

func openReplica(ctx context.Context, opt store.ComponentOptions, byLSN bool, in promise.Effect) (store.Instance, error) {
	d := &replica{byLSN: byLSN, effect: in}
	primary, ok := opt.Store.(store.Replicated)
	if !ok {
		d.skip = "there are no replicas of " + opt.Store.Info().Product
		return d, nil
	}
	if d.skip = primary.NoReplica(); d.skip != "" {
		return d, nil
	}
	var err error
	if d.store, err = primary.Replica(ctx, replicaDelay, opt.Clients); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *replica) Prepare(spec *store.RowSpec) string {
	if d.skip != "" {
		return d.skip
	}
	spec.Env.Elsewhere = true
	spec.Env.Effects = append(spec.Env.Effects, d.effect)
	return ""
}

func (d *replica) Wrap(inner harness.Target) harness.Target {
	return &target{Target: inner, ready: d.ready, open: d.session}
}

// ready waits until the replica has the row's tables.
func (d *replica) ready(ctx context.Context, start *harness.State) error {
	d.known, d.readers = make(known, len(start.Values)), nil
	return d.store.Ready(ctx, start)
}

func (d *replica) session(int) source {
	r := &replicaReader{d: d}
	d.readers = append(d.readers, r)
	return r
}

// Figures are those of all clients together, once they are done.
func (d *replica) Figures() []store.Figure {
	var all replicaReader
	for _, r := range d.readers {
		all.answered += r.answered
		all.stale += r.stale
		all.waits += r.waits
		all.waited += r.waited
		all.behind = max(all.behind, r.behind)
	}
	figures := []store.Figure{
		{Name: "replica-reads", Value: float64(all.answered), Unit: "reads that the replica answered"},
		{Name: "stale", Value: percent(all.stale, all.answered), Unit: "% of these that a newer version was known of before they were asked"},
	}
	if !d.byLSN {
		return append(figures, store.Figure{
			Name: "behind", Value: millis(all.behind), Unit: "ms since the last commit that the replica had shown, the most at a stale read",
		})
	}
	mean := 0.0
	if all.waits > 0 {
		mean = millis(all.waited / time.Duration(all.waits))
	}
	return append(figures, store.Figure{Name: "catching-up", Value: mean, Unit: "ms that an attempt waited for the replica, on average"})
}

// Close ends the replica.
func (d *replica) Close() error {
	if d.store == nil {
		return nil
	}
	return d.store.Close()
}
