package reads

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// replicaDelay is how long after its commit the replica shows a transaction at the earliest.
const replicaDelay = 5 * time.Millisecond

// replica has reads answered by a streaming standby, while writes go to the primary. What was written last is not there yet.
func replicaComponent() store.Component {
	kind := &replicaKind{
		waits: afterConflict, reads: standbyReads(), open: openStandby,
		effect: promise.Effect{
			Name: "replica", Causes: promise.Elsewhere(true),
			Why: "the decision rests on a read from the replica, which shows what the primary held some milliseconds ago",
		},
		measured: func(all *replicaReader) []store.Figure {
			return []store.Figure{{
				Name: "behind", Value: millis(all.behind), Unit: "ms since the last commit that the replica had shown, the most at a stale read",
			}}
		},
	}
	return store.Component{
		Name: "replica", PerServer: true, Endangers: kind.effect.Causes, Open: kind.instance,
		Explain: "a real streaming standby answers reads, and shows each commit 5 ms late (recovery_min_apply_delay), as one over a network " +
			"may: clients do not see what was just written",
	}
}

// replica-lsn asks the primary where its log ends, and reads once the replica has replayed it up to there: whatever was committed
// before is seen. The read is no part of the transaction all the same, so it takes a lock to keep others from writing in between.
func byLSNComponent() store.Component {
	kind := &replicaKind{
		waits: firstRead, reads: standbyReads(), open: openStandby, measured: (*replicaReader).catchingUp,
		effect: promise.Effect{
			Name: "replica-lsn", Causes: promise.Elsewhere(false),
			Why: "the decision rests on a read from the replica, outside of the transaction, and other clients write in between",
		},
	}
	return store.Component{
		Name: "replica-lsn", PerServer: true, Endangers: kind.effect.Causes, Open: kind.instance,
		Explain: "reads wait until the same standby has replayed what the primary has written by then (its LSN), so they are never stale; " +
			"but they are no part of the transaction",
	}
}

func standbyReads() store.Figure {
	return store.Figure{Name: "replica-reads", Unit: "reads that the replica answered"}
}

// openStandby makes a replica of the store.
func openStandby(ctx context.Context, opt store.ComponentOptions) (made store.Replica, skip string, err error) {
	primary, ok := opt.Store.(store.Replicated)
	if !ok {
		return nil, "there are no replicas of " + opt.Store.Info().Product, nil
	}
	if skip = primary.NoReplica(); skip != "" {
		return nil, skip, nil
	}
	made, err = primary.Replica(ctx, store.ReplicaOptions{Delay: replicaDelay, Clients: opt.Clients, Join: opt.Attach})
	return made, "", err
}
