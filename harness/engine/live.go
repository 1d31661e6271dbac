package engine

import (
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
)

// live is what a client has done so far, as others may read while it works: of each operation, one counter.
type live struct {
	ok        stats.Live
	others    [harness.Outcomes]atomic.Int64 // that were not ok
	conflicts atomic.Int64
}

// count notes an answered operation.
func (l *live) count(o harness.Outcome, took time.Duration) {
	if o == harness.OK {
		l.ok.Record(took)
		return
	}
	l.others[o].Store(l.others[o].Load() + 1)
}

// Reading is what clients had done when they were read.
type Reading struct {
	At        time.Duration // clients were running for so long
	OK        stats.Read
	Others    [harness.Outcomes]int64 // that were not ok
	Conflicts int64                   // attempts that a conflict ended
}

// processed is how many operations were answered.
func (n *Reading) processed() int64 {
	sum := n.OK.Count()
	for _, v := range n.Others {
		sum += v
	}
	return sum
}

// served is how many operations got an answer that says what came of them, and did something or was right not to.
func (n *Reading) served() int64 {
	return n.OK.Count() + n.Others[harness.Rejected]
}

// since is what was done after an earlier reading.
func (n *Reading) since(earlier *Reading) Reading {
	d := Reading{At: n.At - earlier.At, OK: n.OK.Since(&earlier.OK), Conflicts: n.Conflicts - earlier.Conflicts}
	for o := range d.Others {
		d.Others[o] = n.Others[o] - earlier.Others[o]
	}
	return d
}

// Merge adds what was done in another time.
func (n *Reading) Merge(other *Reading) {
	n.At += other.At
	n.OK.Merge(&other.OK)
	for o := range n.Others {
		n.Others[o] += other.Others[o]
	}
	n.Conflicts += other.Conflicts
}
