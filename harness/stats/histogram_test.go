package stats_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/lastseat/lastseat/harness/stats"
)

// TestHistogramIsHdr: what a Histogram says of durations of every size is what HdrHistogram says, to the nanosecond.
func TestHistogramIsHdr(t *testing.T) {
	const longest = 10 * time.Minute
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 10, 1_000, 50_000} {
		var one, two stats.Histogram
		hdr := hdrhistogram.New(1, int64(longest), 2)
		for range n {
			d := time.Duration(r.Int64N(1 << (1 + r.IntN(40))))
			if r.IntN(2) == 0 {
				one.Record(d)
			} else {
				two.Record(d)
			}
			_ = hdr.RecordValue(int64(min(max(d, 1), longest)))
		}
		one.Merge(&two)
		if one.Count() != int64(n) || int64(one.Max()) != hdr.Max() {
			t.Errorf("%d durations: count %d, longest %d; HdrHistogram's %d", n, one.Count(), one.Max(), hdr.Max())
		}
		for _, q := range []float64{0.001, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1} {
			if got, want := int64(one.Quantile(q)), hdr.ValueAtQuantile(q*100); got != want {
				t.Errorf("%d durations: quantile %v is %d, HdrHistogram's %d", n, q, got, want)
			}
		}
		if got, want := float64(one.Mean()), hdr.Mean(); got < want*0.999-2 || got > want*1.001+2 {
			t.Errorf("%d durations: mean %v, HdrHistogram's %v", n, got, want)
		}
		var bars []hdrhistogram.Bar
		for _, b := range hdr.Distribution() {
			if b.Count > 0 {
				bars = append(bars, b)
			}
		}
		var again stats.Histogram
		for i, b := range one.Bars() {
			if i >= len(bars) || int64(b.From) != bars[i].From || int64(b.To) != bars[i].To || b.Count != bars[i].Count {
				t.Fatalf("%d durations: bar %d is %+v, HdrHistogram's are %+v", n, i, b, bars[min(i, len(bars)-1)])
			}
			again.Add(b.From, b.Count)
		}
		if again.Count() != one.Count() || again.Quantile(0.5) != one.Quantile(0.5) {
			t.Errorf("%d durations: the bars added again are another histogram", n)
		}
	}
}

// TestHistogramEmpty: of nothing, everything is 0.
func TestHistogramEmpty(t *testing.T) {
	var h, other stats.Histogram
	h.Merge(&other)
	if h.Count() != 0 || h.Quantile(0.5) != 0 || h.Max() != 0 || h.Mean() != 0 || len(h.Bars()) != 0 {
		t.Errorf("an empty histogram says %d, %v, %v, %v", h.Count(), h.Quantile(0.5), h.Max(), h.Mean())
	}
}
