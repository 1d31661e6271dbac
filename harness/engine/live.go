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

// reading is what all clients had done when they were read.
type reading struct {
	at        time.Duration // clients were running for so long
	ok        stats.Read
	others    [harness.Outcomes]int64
	conflicts int64
}

// read reads all clients.
func (r *run) read() *reading {
	var now reading
	for _, c := range r.clients {
		c.live.ok.Read(&now.ok)
		for o := range now.others {
			now.others[o] += c.live.others[o].Load()
		}
		now.conflicts += c.live.conflicts.Load()
	}
	return &now
}

// processed is how many operations were answered.
func (n *reading) processed() int64 {
	sum := n.ok.Count()
	for _, v := range n.others {
		sum += v
	}
	return sum
}

// since is what was done after an earlier reading.
func (n *reading) since(earlier *reading) reading {
	d := reading{at: n.at - earlier.at, ok: n.ok.Since(&earlier.ok), conflicts: n.conflicts - earlier.conflicts}
	for o := range d.others {
		d.others[o] = n.others[o] - earlier.others[o]
	}
	return d
}

// merge adds what was done in another time.
func (n *reading) merge(other *reading) {
	n.at += other.at
	n.ok.Merge(&other.ok)
	for o := range n.others {
		n.others[o] += other.others[o]
	}
	n.conflicts += other.conflicts
}
