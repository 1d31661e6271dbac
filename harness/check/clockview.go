package check

import (
	"iter"
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// clockView is the history as one of its clocks tells it: that clock's own times stand, and those of any other are as early or as late as
// both clocks may be off. Whatever follows in one view is true: each operation of the history lies within its times there.
type clockView struct {
	h     *harness.History
	clock int // index of h.Clocks; coordinator: each clock is off by its own slack
}

// coordinator is the clock that all others were moved to.
const coordinator = -1

// clockViews are the views of all clocks; of a history that one clock timed, the one that there is.
func clockViews(h *harness.History) []clockView {
	all := []clockView{{h, 0}}
	for clock := 1; clock < len(h.Clocks); clock++ {
		all = append(all, clockView{h, clock})
	}
	return all
}

// ops ranges over all operations with what their times may be off.
func (v clockView) ops() iter.Seq2[harness.Recorded, int64] {
	return v.of(func(*harness.Log) bool { return true })
}

// own ranges over those that the view's own clock timed: all, where there is one.
func (v clockView) own() iter.Seq2[harness.Recorded, int64] {
	return v.of(func(l *harness.Log) bool { return l.Clock == v.clock })
}

func (v clockView) of(wanted func(*harness.Log) bool) iter.Seq2[harness.Recorded, int64] {
	return func(yield func(harness.Recorded, int64) bool) {
		logs := v.h.Logs
		if len(v.h.Clocks) >= 2 {
			logs = slices.DeleteFunc(slices.Clone(logs), func(l *harness.Log) bool { return !wanted(l) })
		}
		for l, r := range v.h.Together(logs) {
			if !yield(r, v.margin(l.Clock)) {
				return
			}
		}
	}
}

func (v clockView) margin(clock int) int64 {
	switch {
	case len(v.h.Clocks) < 2:
		return 0
	case v.clock == coordinator:
		return v.h.Clocks[clock].Slack
	}
	return harness.MarginOf(v.h.Clocks, v.clock, clock)
}

// never is after all times, and -never before them.
const never = int64(1) << 61

// earliest is when it was at the earliest.
func earliest(time, margin int64) int64 { return max(harness.Sooner(time, margin), -never) }

// latest is when it was at the latest.
func latest(time, margin int64) int64 { return min(harness.Later(time, margin), never) }
