package check

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// event is something with an order: a change of a limit's sum at a time (the key of newEvent orders events by time and, at
// the same time, additions first), or what a cell was off by at a version.
type event [2]int64

func (e event) key() int64   { return e[0] }
func (e event) delta() int64 { return e[1] }

func newEvent(time, delta int64) event {
	key := time << 1
	if delta < 0 {
		key |= 1
	}
	return event{key, delta}
}

func (e event) time() int64 { return e[0] >> 1 }

// sorted returns events by key, and the slice that is spare then.
func sorted(h *harness.History, events, spare []event) (byKey, rest []event) {
	return spool.Sort(h.Spool, events, spare, h.GoOn)
}

// timeline answers what events sum up to at a time.
type timeline []event // sorted; delta is the sum up to and including the event

func newTimeline(h *harness.History, events, spare []event) (t timeline, rest []event) {
	events, rest = sorted(h, events, spare)
	sum := int64(0)
	for _, part := range pieces(h, events) {
		for i := range part {
			sum += part[i].delta()
			part[i][1] = sum
		}
	}
	return events, rest
}

// before is the sum of the events earlier than time. at is where they ended the last time: see spool.Seek.
func (t timeline) before(time int64, at *int) int64 {
	*at = spool.Seek(t, *at, min(max(time, -never), never+1)<<1) // all events lie between
	if *at == 0 {
		return 0
	}
	return t[*at-1].delta()
}
