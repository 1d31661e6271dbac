package reads

import (
	"context"

	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// node has reads answered by another server of the cluster than the one that the client works on, as behind a load balancer. What was
// written elsewhere is known there before it can be read.
func nodeComponent() store.Component {
	kind := &replicaKind{
		waits: afterConflict, reads: nodeReads(), open: openNode,
		measured: func(*replicaReader) []store.Figure { return nil }, // no server says how far it is behind
		effect: promise.Effect{
			Name: "node", Causes: promise.Elsewhere(true),
			Why: "the decision rests on a read from another server of the cluster, which has not applied yet what was committed elsewhere",
		},
	}
	return store.Component{
		Name: "node", PerServer: true, Endangers: kind.effect.Causes, Open: kind.instance,
		Explain: "on a cluster another server than the client's own answers reads, as behind a load balancer: what was just committed " +
			"elsewhere may not be applied there yet",
	}
}

// node-synced has those reads wait until their server has applied whatever was committed before, as each cluster can be told. They are
// no part of the transaction all the same.
func syncedNodeComponent() store.Component {
	kind := &replicaKind{
		waits: everyRead, reads: nodeReads(), open: openNode, measured: (*replicaReader).catchingUp,
		effect: promise.Effect{
			Name: "node-synced", Causes: promise.Elsewhere(false), Fresh: true,
			Why: "the decision rests on a read from another server of the cluster, outside of the transaction, and other clients write in between",
		},
	}
	return store.Component{
		Name: "node-synced", PerServer: true, Endangers: kind.effect.Causes, Open: kind.instance,
		Explain: "another server of the cluster answers reads once it has applied what was committed by then (wsrep_sync_wait, " +
			"group_replication_consistency), so they are never stale; but they are no part of the transaction",
	}
}

func nodeReads() store.Figure {
	return store.Figure{Name: "node-reads", Unit: "reads that another server of the cluster answered"}
}

// openNode has each client read on another server than its own.
func openNode(_ context.Context, opt store.ComponentOptions) (made store.Replica, skip string, err error) {
	cluster, ok := opt.Store.(store.Clustered)
	if !ok {
		return nil, opt.Store.Info().Product + " is no cluster, and has no other server that could answer", nil
	}
	if skip = cluster.NoOtherNode(); skip != "" {
		return nil, skip, nil
	}
	return cluster.OtherNode(), "", nil
}
