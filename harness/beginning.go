package harness

import "sort"

// Beginning is the history as if recording had stopped at a moment before which no more than most operations had begun: those that were under way then
// are unknown, unless they were to fail. What the others read was written by operations that are there. A history that is no longer is itself. It
// needs one clock, and processes that each do one thing after the other.
func (h *History) Beginning(most int) (b *History, all bool) {
	if h.Len() <= most {
		return h, true
	}
	begun := func(l *Log, before int64) int {
		return sort.Search(l.n, func(i int) bool { return l.At(i).Begin >= before })
	}
	end := int64(0) // no operation begins later
	for _, l := range h.Logs {
		if l.n > 0 {
			end = max(end, l.At(l.n-1).Begin)
		}
	}
	stop := int64(sort.Search(int(end)+1, func(before int) bool {
		n := 0
		for _, l := range h.Logs {
			n += begun(l, int64(before))
		}
		return n > most
	})) - 1
	c := *h
	c.Logs = nil
	var open []int64
	for _, l := range h.Logs {
		n := begun(l, stop)
		if n == 0 {
			continue
		}
		part := *l
		part.n = n
		c.Logs = append(c.Logs, &part)
		if last := part.At(n - 1); last.Outcome == OK && last.End >= stop {
			open = append(open, last.ID)
		}
	}
	b = &c
	for _, id := range open {
		b = b.Edited(id, func(r *Record, _ []Access) { r.Outcome = Unknown })
	}
	return b, false
}
