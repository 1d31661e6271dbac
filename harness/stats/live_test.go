package stats

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLiveIsCloseToTheHistogram: quantiles of what is read while others record are those of the histogram, to an eighth.
func TestLiveIsCloseToTheHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Histogram
		var live Live
		for _, d := range rapid.SliceOfN(rapid.Int64Range(128, int64(longest)), 1, 200).Draw(t, "durations") {
			h.Record(time.Duration(d))
			live.Record(time.Duration(d))
		}
		var r Read
		live.Read(&r)
		if r.Count() != h.Count() {
			t.Fatalf("%d durations, want %d", r.Count(), h.Count())
		}
		for _, q := range []float64{0.5, 0.99, 1} {
			got, want := float64(r.Quantile(q)), float64(h.Quantile(q))
			if got < want*0.88 || got > want*1.13 {
				t.Fatalf("quantile %v: %v, the histogram says %v", q, r.Quantile(q), h.Quantile(q))
			}
		}
	})
}

// TestLiveTakesAnything: what is out of range is counted at the end that it is beyond.
func TestLiveTakesAnything(t *testing.T) {
	var live Live
	for _, d := range []time.Duration{-1, 0, 127, 1 << 62} {
		live.Record(d)
	}
	var r Read
	live.Read(&r)
	if r.Count() != 4 || r[0] != 3 || r[liveBars-1] != 1 {
		t.Errorf("%d durations, %d short, %d long", r.Count(), r[0], r[liveBars-1])
	}
	later := r
	later[0] += 2
	if d := later.Since(&r); d.Count() != 2 || d.Quantile(0.5) != 64 {
		t.Errorf("since then %d of %v", d.Count(), d.Quantile(0.5))
	}
}
