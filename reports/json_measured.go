package reports

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/stats"
)

// jsonLatency are histograms of latencies by outcome, of their parts, and of how late operations began.
type jsonLatency struct {
	OK       *jsonHistogram `json:"ok,omitempty"`
	Rejected *jsonHistogram `json:"rejected,omitempty"`
	Failed   *jsonHistogram `json:"failed,omitempty"`
	Unknown  *jsonHistogram `json:"unknown,omitempty"`
	Queue    *jsonHistogram `json:"queue,omitempty"`
	Served   *jsonHistogram `json:"served,omitempty"`
	Lag      *jsonHistogram `json:"lag,omitempty"`
}

// jsonHistogram says how many operations took how long, to two significant digits.
type jsonHistogram struct {
	NS    []int64 `json:"ns"`
	Count []int64 `json:"count"`
}

func newJSONHistogram(h *stats.Histogram) *jsonHistogram {
	bars := h.Bars()
	if len(bars) == 0 {
		return nil
	}
	var j jsonHistogram
	for _, b := range bars {
		j.NS, j.Count = append(j.NS, int64(b.From)), append(j.Count, b.Count)
	}
	return &j
}

func (j *jsonHistogram) to(h *stats.Histogram) {
	if j == nil {
		return
	}
	for i := range min(len(j.NS), len(j.Count)) {
		h.Add(time.Duration(j.NS[i]), j.Count[i])
	}
}

// newJSONLatency is nil where nothing was timed.
func newJSONLatency(a *engine.Accounting) *jsonLatency {
	j := jsonLatency{
		OK: newJSONHistogram(&a.Latency[harness.OK]), Rejected: newJSONHistogram(&a.Latency[harness.Rejected]),
		Failed: newJSONHistogram(&a.Latency[harness.Failed]), Unknown: newJSONHistogram(&a.Latency[harness.Unknown]),
		Queue: newJSONHistogram(&a.Queue), Served: newJSONHistogram(&a.Served), Lag: newJSONHistogram(&a.Lag),
	}
	if j == (jsonLatency{}) {
		return nil
	}
	return &j
}

func (j *jsonLatency) to(a *engine.Accounting) {
	if j == nil {
		return
	}
	j.OK.to(&a.Latency[harness.OK])
	j.Rejected.to(&a.Latency[harness.Rejected])
	j.Failed.to(&a.Latency[harness.Failed])
	j.Unknown.to(&a.Latency[harness.Unknown])
	j.Queue.to(&a.Queue)
	j.Served.to(&a.Served)
	j.Lag.to(&a.Lag)
}
