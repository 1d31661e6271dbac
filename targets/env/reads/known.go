package reads

import (
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
)

// known is, by cell, the newest version of which some client was told that it is committed. The store may be further.
type known []atomic.Int64

func (k known) raise(c harness.Cell, version int64) {
	for {
		old := k[c].Load()
		if version <= old || k[c].CompareAndSwap(old, version) {
			return
		}
	}
}

func (k known) newest(c harness.Cell) int64 { return k[c].Load() }

// learn takes in what an operation was told. A write makes a version of its own: one more at least than what the operation saw,
// however old that was.
func (k known) learn(res *harness.Result) {
	if res.Outcome != harness.OK {
		return
	}
	for i := range res.Seen {
		a := &res.Seen[i]
		switch {
		case a.Version == harness.NotSeen:
		case a.Kind.Changes() && a.Delta != 0:
			k.raise(a.Cell, a.Version+1)
		default:
			k.raise(a.Cell, a.Version)
		}
	}
}
