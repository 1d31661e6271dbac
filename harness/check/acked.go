package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// tellTold explains the last of the events, the first at which clients had been told more than there can have been.
func (ls *limits) explainAcked(h *harness.History, limit int, events []event) string {
	l := &ls.all[limit]
	var given, taken int64
	units, before := true, -1
	last := events[len(events)-1]
	for i, e := range events {
		given += max(e.delta, 0)
		taken -= min(e.delta, 0)
		units = units && abs(e.delta) == 1
		if e.delta < 0 && i < len(events)-1 {
			before = i
		}
	}
	op, _ := ls.answered(h, limit, last, 0)
	start := l.sum(h.Start.Values)
	text := fmt.Sprintf("%s started with %d: at %s %s was acknowledged", l.name(h), start, at(last.time()), who(h, &op))
	if units && l.Min == 0 {
		text += fmt.Sprintf(" as the %s that was never cancelled", ordinal(taken-given))
	} else {
		text += fmt.Sprintf(" as the last of operations that took %d, when at most %d can have come back: %d below %d",
			taken, given, l.Min-(start+given-taken), l.Min)
	}
	if before >= 0 {
		if prev, ok := ls.answered(h, limit, events[before], op.ID); ok {
			text += fmt.Sprintf(" (%s at %s before it)", who(h, &prev), at(prev.End))
		}
	}
	for _, c := range l.Cells {
		seen := rivals(h, c, "took from it", func(end int64, a *harness.Access) bool {
			return a.Delta < 0 && end <= last.time()
		})
		if seen != "" {
			return text + "; " + seen
		}
	}
	return text
}

// answered finds the acknowledged operation, another one than not, that an event of the limit stands for.
func (ls *limits) answered(h *harness.History, limit int, e event, not int64) (harness.Recorded, bool) {
	for r := range h.Ops() {
		if r.Outcome == harness.OK && r.End == e.time() && r.ID != not && ls.moveOf(limit, &r) == e.delta {
			return r, true
		}
	}
	return harness.Recorded{}, false
}
