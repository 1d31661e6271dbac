package check

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// What it takes to say that nobody gets on: operations that fail for this long, and so many of them. A server that was killed is
// back sooner, and while something is known to be broken the time does not count.
const (
	stuckFor = int64(1500 * time.Millisecond)
	stuckOps = 5
)

// Progress holds that a cell stays of use: it is stuck if, after the last operation on it that was answered, others tried for a long
// while, at least twice as long as a cell was without an answer before and got over it, and all failed. An unknown outcome counts as an answer: its operation got that far.
func Progress() harness.Checker {
	return harness.Checker{
		Name: "progress", Rule: "whatever happens to a client, others get on: no cell ends with nothing but failures", Unit: "cells",
		NeedsOps: true, NoOverlap: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding { return progress(h) },
		Plant: stopped,
	}
}

// tried is what became of the operations on a cell after the last one that was answered.
type tried struct {
	answered    int64 // when the last was; nanoseconds since the row's start
	first, last int64 // when the first of those that failed afterwards began to try, and when the last gave up
	failed      int
}

func progress(h *harness.History) harness.Finding {
	if why := h.Cut(); why != "" {
		return harness.Finding{Unable: why}
	}
	cells := make([]tried, len(h.Start.Values))
	v := clockView{h, coordinator}
	for r, margin := range v.ops() {
		for i := range r.Accesses {
			if c := &cells[r.Accesses[i].Cell]; r.Outcome != harness.Failed {
				c.answered = max(c.answered, latest(r.End, margin))
			}
		}
	}
	for r, margin := range v.ops() {
		for i := range r.Accesses {
			c := &cells[r.Accesses[i].Cell]
			end := earliest(r.End, margin)
			if r.Outcome != harness.Failed || end <= c.answered {
				continue
			}
			from := max(latest(r.Invoke, margin), c.answered)
			if c.failed == 0 || from < c.first {
				c.first = from
			}
			c.last = max(c.last, end)
			c.failed++
		}
	}
	var f harness.Finding
	overcome := sync.OnceValue(func() int64 { return longestOvercome(h, len(cells)) })
	for i := range cells {
		c := &cells[i]
		stuck := c.last - c.first - broken(h, c.first, c.last)
		if c.failed < stuckOps || stuck < stuckFor || stuck < 2*overcome() {
			continue
		}
		f.Measure++
		f.Add(func() string {
			const nearby = int64(time.Millisecond)
			return fmt.Sprintf("%s is stuck. The last operation on it was answered %s. The %d that tried after that all failed, the last %s",
				sentence(h.Start.CellName(harness.Cell(i))), h.Moment(c.answered-nearby, c.answered), c.failed, h.Moment(c.last-nearby, c.last))
		})
	}
	return f
}

// longestOvercome is the longest time that a cell went without an answer while somebody tried and failed, and got over it: where each
// client that dies holds a lock until it expires, several in turn are no standstill.
func longestOvercome(h *harness.History, cells int) int64 {
	answers, failures := make([][]int64, cells), make([][]int64, cells)
	for r := range h.Ops() {
		for i := range r.Accesses {
			of := answers
			if r.Outcome == harness.Failed {
				of = failures
			}
			of[r.Accesses[i].Cell] = append(of[r.Accesses[i].Cell], r.End)
		}
	}
	var longest int64
	for c := range cells {
		slices.Sort(answers[c])
		for _, at := range failures[c] {
			if next, _ := slices.BinarySearch(answers[c], at); next > 0 && next < len(answers[c]) {
				from, to := answers[c][next-1], answers[c][next]
				longest = max(longest, to-from-broken(h, from, to))
			}
		}
	}
	return longest
}

// broken is how much of a time something was broken.
func broken(h *harness.History, from, to int64) int64 {
	var sum int64
	for _, f := range h.Faults {
		end := f.To
		if end == 0 {
			end = to // it was never mended
		}
		sum += max(0, min(end, to)-max(f.From, from))
	}
	return sum
}

// stopped is the history with clients that go on for a long while after its end, and fail.
func stopped(h *harness.History) (*harness.History, bool) {
	if len(h.Start.Values) == 0 || h.Len() == 0 {
		return nil, false
	}
	var end int64
	var process int32
	for r := range h.Ops() {
		end, process = max(end, r.End), max(process, r.Process())
	}
	for _, f := range h.Faults {
		end = max(end, f.To)
	}
	late := &harness.Log{Process: process + 1}
	for range stuckOps {
		at := end
		end += stuckFor
		late.Append(harness.Record{Invoke: at, Begin: at, End: end, Tries: 1, Outcome: harness.Failed},
			harness.Access{Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen})
	}
	bad := *h
	bad.Logs = append(append([]*harness.Log(nil), h.Logs...), late)
	return &bad, true
}
