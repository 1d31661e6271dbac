package check

import (
	"cmp"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// event is something with an order: a change of a limit's sum at a time (the key of newEvent orders events by time and, at
// the same time, additions first), or what a cell was off by at a version.
type event struct {
	key   int64
	delta int64
}

func newEvent(time, delta int64) event {
	key := time << 1
	if delta < 0 {
		key |= 1
	}
	return event{key, delta}
}

func (e event) time() int64 { return e.key >> 1 }

const (
	digit     = 11  // bits a pass
	fewEvents = 512 // not worth the passes
)

// sorted returns events by key, and the slice that is spare then: a radix sort, because sorting would otherwise be most
// of the work.
func sorted(h *harness.History, events, spare []event) (byKey, rest []event) {
	if len(events) < fewEvents {
		slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.key, b.key) })
		return events, spare
	}
	if cap(spare) < len(events) {
		spare = spool.Make[event](h.Spool, len(events), len(events))
	}
	spare = spare[:len(events)]
	lo, hi := events[0].key, events[0].key
	for _, part := range pieces(h, events) {
		for i := range part {
			lo, hi = min(lo, part[i].key), max(hi, part[i].key)
		}
	}
	for shift := 0; uint64(hi-lo)>>shift != 0; shift += digit {
		var at [1 << digit]int
		for _, part := range pieces(h, events) {
			for i := range part {
				at[uint64(part[i].key-lo)>>shift&(1<<digit-1)]++
			}
		}
		next := 0
		for i, n := range at {
			at[i] = next
			next += n
		}
		for _, part := range pieces(h, events) {
			for _, e := range part {
				d := uint64(e.key-lo) >> shift & (1<<digit - 1)
				spare[at[d]] = e
				at[d]++
			}
		}
		events, spare = spare, events
	}
	return events, spare
}

// timeline answers what events sum up to at a time.
type timeline []event // sorted; delta is the sum up to and including the event

func newTimeline(h *harness.History, events, spare []event) (t timeline, rest []event) {
	events, rest = sorted(h, events, spare)
	sum := int64(0)
	for _, part := range pieces(h, events) {
		for i := range part {
			sum += part[i].delta
			part[i].delta = sum
		}
	}
	return events, rest
}

// before is the sum of the events earlier than time.
func (t timeline) before(time int64) int64 {
	lo, hi := 0, len(t)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); t[mid].time() < time {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0
	}
	return t[lo-1].delta
}
