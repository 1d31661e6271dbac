package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// Clocks says how far the order is known of what several workers did. An order between workers is that of an answered operation and the first one
// of another worker that began after the answer, by the best estimate of the times: one for each operation and each other worker that goes on
// after it. It is left out where the two clocks may be farther apart than the two operations.
type Clocks struct {
	Workers      int      `json:"workers"`
	Slack        int64    `json:"slack_ns"`     // how far the times of any of them may be off, of those of which that is known; nanoseconds, either way
	Incomparable []string `json:"incomparable"` // workers whose times say nothing about those of others
	Orders       int64    `json:"orders"`       // between workers
	LeftOut      int64    `json:"left_out"`     // of these
}

// ClocksOf is what the history's clocks prove; nil if one clock timed all.
func ClocksOf(h *harness.History) *Clocks {
	if len(h.Clocks) < 2 {
		return nil
	}
	c := &Clocks{Workers: len(h.Clocks), Incomparable: []string{}}
	for i := range h.Clocks {
		if s := h.Clocks[i].Slack; s == harness.Incomparable {
			c.Incomparable = append(c.Incomparable, h.Clocks[i].Name)
		} else {
			c.Slack = max(c.Slack, s)
		}
	}
	begun := make([][]instant, len(h.Clocks)) // by clock: when operations began
	for l, r := range h.Together(h.Logs) {
		begun[l.Clock] = spool.Append(h.Spool, begun[l.Clock], instant{r.Begin})
	}
	var spare []instant
	for i := range begun {
		begun[i], spare = spool.Sort(h.Spool, begun[i], spare, h.GoOn)
	}
	for l, r := range h.Together(h.Logs) {
		if r.Outcome == harness.OK || r.Outcome == harness.Rejected {
			c.count(h, l.Clock, r.End, begun)
		}
	}
	return c
}

// count counts the orders of an operation of a clock, answered at end.
func (c *Clocks) count(h *harness.History, clock int, end int64, begun [][]instant) {
	for other, b := range begun {
		next := spool.Seek(b, 0, end+1)
		if other == clock || next == len(b) {
			continue
		}
		c.Orders++
		if end >= harness.Sooner(b[next][0], harness.MarginOf(h.Clocks, clock, other)) {
			c.LeftOut++
		}
	}
}

// and is what is known of two histories together, each by itself.
func (c *Clocks) and(o *Clocks) *Clocks {
	if c == nil || o == nil {
		if c == nil {
			return o
		}
		return c
	}
	both := &Clocks{
		Workers: max(c.Workers, o.Workers), Slack: max(c.Slack, o.Slack), Orders: c.Orders + o.Orders, LeftOut: c.LeftOut + o.LeftOut,
		Incomparable: slices.Concat([]string{}, c.Incomparable, o.Incomparable),
	}
	slices.Sort(both.Incomparable)
	both.Incomparable = slices.Compact(both.Incomparable)
	return both
}

// String is a sentence without its end: 3 workers, times agree within ±0.08 ms; 12 of 40321 orders between workers are left out.
func (c *Clocks) String() string {
	text := fmt.Sprintf("%d workers, times agree within ±%s ms", c.Workers, milliseconds(c.Slack))
	switch n := len(c.Incomparable); {
	case n == c.Workers:
		text = fmt.Sprintf("%d workers, whose times cannot be compared", c.Workers)
	case n > 0:
		text += ", but for those of " + strings.Join(c.Incomparable, ", ") + ", which cannot be compared"
	}
	return fmt.Sprintf("%s; %d of %d orders between workers are left out", text, c.LeftOut, c.Orders)
}

// milliseconds are rounded up, to two digits: what is said to be the most must be.
func milliseconds(ns int64) string {
	step := int64(1)
	for ns/step >= 100 {
		step *= 10
	}
	ns = (ns + step - 1) / step * step
	text := fmt.Sprintf("%.6f", float64(ns)/float64(time.Millisecond))
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
