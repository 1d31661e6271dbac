// Package reads is what answers reads in the store's place: the axis --reads-from. A cache of each application server's own, a real
// streaming replica, another server of a cluster, and these two when they are asked to catch up first. In goes an opened store, out
// comes a store.Instance; what these do to a row's promise is in their Effects. Start at Table.
//
// Only reads that a strategy does not protect go there. Strategy optimistic is the remedy for those that are stale: its write checks
// again, and what met a conflict is not read from the same cache, nor from a replica that has not seen it yet, a second time.
package reads

import (
	"math"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// Table holds all components of the axis, in the order in which they are shown.
func Table() []store.Component {
	return []store.Component{cacheComponent(), replicaComponent(), byLSNComponent(), nodeComponent(), syncedNodeComponent()}
}

// percent is what part is of all; 0 of nothing.
func percent(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return math.Round(1000*float64(part)/float64(all)) / 10
}

// millis is a duration in milliseconds, to the microsecond.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
