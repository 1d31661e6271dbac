// Package stats holds the figures of a run that are more than counters. Durations go into a Histogram, and quantiles come out;
// one figure a repeat goes into Summarize, a median with its interval comes out, and Compare says whether two rows differ. It
// knows nothing of operations or targets. A newcomer starts at Histogram.
package stats

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram counts durations from 1 ns to 10 min to two significant digits. The zero value is empty and ready; it
// allocates at the first Record. Not safe for concurrent use: keep one a client and Merge them.
type Histogram struct{ h *hdrhistogram.Histogram }

const longest = 10 * time.Minute

// Record counts d; what is longer than 10 min counts as 10 min.
func (h *Histogram) Record(d time.Duration) {
	if h.h == nil {
		h.h = hdrhistogram.New(1, int64(longest), 2)
	}
	// RecordValue fails only out of range, which the clamp excludes.
	_ = h.h.RecordValue(int64(min(max(d, 1), longest)))
}

// Bar is how many durations were recorded between two that a Histogram tells apart.
type Bar struct {
	From, To time.Duration // both inclusive
	Count    int64
}

// Bars are those that are not empty, shortest durations first.
func (h *Histogram) Bars() []Bar {
	if h.h == nil {
		return nil
	}
	var all []Bar
	for _, b := range h.h.Distribution() {
		if b.Count > 0 {
			all = append(all, Bar{time.Duration(b.From), time.Duration(b.To), b.Count})
		}
	}
	return all
}

// Add counts n durations of d, as Record does: a histogram to which the bars of another are added, each by its From, equals the other.
func (h *Histogram) Add(d time.Duration, n int64) {
	if h.h == nil {
		h.h = hdrhistogram.New(1, int64(longest), 2)
	}
	_ = h.h.RecordValues(int64(min(max(d, 1), longest)), max(n, 0))
}

// Merge adds what other counted.
func (h *Histogram) Merge(other *Histogram) {
	if other.h == nil {
		return
	}
	if h.h == nil {
		h.h = hdrhistogram.New(1, int64(longest), 2)
	}
	h.h.Merge(other.h)
}

// Count is how many durations were recorded.
func (h *Histogram) Count() int64 {
	if h.h == nil {
		return 0
	}
	return h.h.TotalCount()
}

// Quantile is the duration that the share q (0 to 1) of all recorded ones does not exceed; 0 if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.h == nil {
		return 0
	}
	return time.Duration(h.h.ValueAtQuantile(q * 100))
}

// Max is the longest duration recorded, to two digits.
func (h *Histogram) Max() time.Duration {
	if h.h == nil {
		return 0
	}
	return time.Duration(h.h.Max())
}

// Mean is the mean of all recorded durations, to two digits; 0 if there are none.
func (h *Histogram) Mean() time.Duration {
	if h.h == nil {
		return 0
	}
	return time.Duration(h.h.Mean())
}
