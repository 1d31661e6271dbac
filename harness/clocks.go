package harness

import (
	"math"
	"strings"
)

// Clock is one that records were timed by: that of a worker. All times in a history are on one scale, that of the row's start; those of a
// worker are its own, moved there by the best estimate.
type Clock struct {
	Name  string // the worker's
	Slack int64  // how far each of its times may be from that scale, in nanoseconds, either way; Incomparable: that is not known
	// Missing says what of the worker's operations the history lacks, because it was lost; empty: nothing. Of each of its processes the first
	// operations are there, and any number of others may have happened after them, in these processes or in new ones.
	Missing string
}

// Cut says what the history lacks, because a worker was lost: any operations of its clients may have happened beside those that are there. Empty:
// it lacks nothing.
func (h *History) Cut() string {
	var all []string
	for i := range h.Clocks {
		if c := &h.Clocks[i]; c.Missing != "" {
			all = append(all, "worker "+c.Name+" "+c.Missing)
		}
	}
	return strings.Join(all, "; ")
}

// Lacks reports whether the operation is one of those that a lost worker may have done after the last that is known of it.
func (h *History) Lacks() func(id int64) bool {
	if h.Cut() == "" {
		return func(int64) bool { return false }
	}
	logs := make(map[int32]*Log, len(h.Logs))
	for _, l := range h.Logs {
		logs[l.Process] = l
	}
	return func(id int64) bool {
		l := logs[OpProcess(id)]
		return OpSeq(id) > 0 && (l == nil || OpSeq(id) > l.n && h.Clocks[l.Clock].Missing != "")
	}
}

// Incomparable is the Slack of a clock whose times say nothing about those of another one.
const Incomparable = math.MaxInt64

// Margin is by how much more than nothing the times of two logs must differ, so that the one certainly came first: nothing if one clock timed
// both, else what the two clocks may be off together. That a came before b is known only if a.End < b.Invoke - margin; where the margin is
// Incomparable, that never holds. A history without Clocks was timed by one.
func (h *History) Margin(a, b *Log) int64 {
	if a.Clock == b.Clock || len(h.Clocks) == 0 {
		return 0
	}
	return MarginOf(h.Clocks, a.Clock, b.Clock)
}

// MarginOf is the margin between two of the clocks, by their places; see History.Margin.
func MarginOf(clocks []Clock, a, b int) int64 {
	if a == b {
		return 0
	}
	if clocks[a].Slack > Incomparable-clocks[b].Slack {
		return Incomparable
	}
	return clocks[a].Slack + clocks[b].Slack
}

// Sooner is a time less a margin: with one that is Incomparable, before all times there are.
func Sooner(time, margin int64) int64 {
	if time < math.MinInt64+margin || margin == Incomparable {
		return math.MinInt64
	}
	return time - margin
}

// Later is a time and a margin: with one that is Incomparable, after all times there are.
func Later(time, margin int64) int64 {
	if time > math.MaxInt64-margin || margin == Incomparable {
		return math.MaxInt64
	}
	return time + margin
}
