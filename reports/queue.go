package reports

import (
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness/stats"
)

// queueNote says what part of a group's latencies was spent waiting for a connection, where its clients share fewer; else it is empty.
func queueNote(r *Result, g *group) string {
	var queue, served span50to99
	for _, row := range g.rows {
		if row.Report != nil {
			queue.add(&row.Report.Accounting.Queue)
			served.add(&row.Report.Accounting.Served)
		}
	}
	if queue.p50.longest == 0 && queue.p99.longest == 0 {
		return ""
	}
	connections := "a connection"
	if server := r.ServerOf(g.target); server != nil && server.Info.Connections > 0 {
		connections = "one of " + plural(server.Info.Connections, "connection")
	}
	return fmt.Sprintf("of the time of an operation, ok or rejected, the wait for %s took %s, and the server %s", connections, queue, served)
}

// span50to99 is where the medians of several rows lie, and their 99th percentiles.
type span50to99 struct{ p50, p99 durations }

func (s *span50to99) add(h *stats.Histogram) {
	if h.Count() > 0 {
		s.p50.add(h.Quantile(0.5))
		s.p99.add(h.Quantile(0.99))
	}
}

func (s span50to99) String() string { return "p50 " + s.p50.String() + ", p99 " + s.p99.String() }

// durations are the shortest and the longest of several.
type durations struct{ shortest, longest time.Duration }

func (d *durations) add(v time.Duration) {
	if d.longest == 0 {
		d.shortest = v
	}
	d.shortest, d.longest = min(d.shortest, v), max(d.longest, v)
}

func (d durations) String() string {
	if low, high := latency(d.shortest), latency(d.longest); low != high {
		return low + " to " + high
	}
	return latency(d.longest)
}
