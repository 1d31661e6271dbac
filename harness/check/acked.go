package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// tellTold explains the last of the events, the first at which clients had been told more than there can have been.
func (ls *limits) explainAcked(v clockView, limit int, events []event) string {
	h := v.h
	l := &ls.all[limit]
	var given, taken int64
	single, before := true, -1
	last := events[len(events)-1]
	for from, part := range pieces(h, events) {
		for i, e := range part {
			given += max(e.delta(), 0)
			taken -= min(e.delta(), 0)
			single = single && abs(e.delta()) == 1
			if e.delta() < 0 && from+i < len(events)-1 {
				before = from + i
			}
		}
	}
	start := l.sum(h.Start.Values)
	text := fmt.Sprintf("%s had %s", sentence(l.name(h)), units(start, ls.unit))
	if given > 0 {
		text += fmt.Sprintf(", and at most %d came back", given)
	}
	seen := ls.tellRivals(h, l, last.time())
	op, _ := ls.answered(v, limit, last, 0)
	ls.finding.Involve(op.ID)
	text += fmt.Sprintf(". Client %d was told ok", op.Process())
	if single && l.Min == 0 {
		text += fmt.Sprintf(" for the %s %s", ordinal(taken), h.Answered(&op))
		if before >= 0 && seen == "" {
			if prev, ok := ls.answered(v, limit, events[before], op.ID); ok {
				text += fmt.Sprintf(", client %d for the %s %s", prev.Process(), ordinal(taken-1), h.Answered(&prev))
			}
		}
	} else {
		text += fmt.Sprintf(" %s. By then clients had taken %d: %d below %d", h.Answered(&op), taken, l.Min-(start+given-taken), l.Min)
	}
	if seen != "" {
		text += ". " + seen
	}
	return text
}

// tellRivals is about two operations that took from the limit until a moment, and did not see each other.
func (ls *limits) tellRivals(h *harness.History, l *Limit, until int64) string {
	for _, c := range l.Cells {
		took := sightings(h, c, until, func(end int64, a *harness.Access) bool { return a.Delta < 0 && end <= until })
		if text := rivals(h, ls.finding, c, "took from it", took); text != "" {
			return text
		}
	}
	return ""
}

// answered finds the acknowledged operation, another one than not, that an event of the limit stands for.
func (ls *limits) answered(v clockView, limit int, e event, not int64) (harness.Recorded, bool) {
	for r, margin := range v.ops() {
		if r.Outcome == harness.OK && latest(r.End, margin) == e.time() && r.ID != not && ls.moveOf(limit, &r) == e.delta() {
			return r, true
		}
	}
	return harness.Recorded{}, false
}
