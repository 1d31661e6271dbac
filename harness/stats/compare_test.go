package stats_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/stats"
)

func TestSummarize(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		want   stats.Summary
	}{
		{"none", nil, stats.Summary{}},
		{"one", []float64{7}, stats.Summary{Median: 7, N: 1}},
		{"too few for an interval", []float64{5, 1, 3, 2, 4}, stats.Summary{Median: 3, N: 5}},
		// With six values the range covers the median with 1 - 2/2⁶ = 96.9 %.
		{"six", []float64{6, 1, 5, 2, 4, 3}, stats.Summary{Median: 3.5, Lo: 1, Hi: 6, N: 6}},
		// The outlier moves neither the median nor the interval's other end.
		{"outlier", []float64{1, 2, 3, 4, 5, 6, 7, 8, 1000}, stats.Summary{Median: 5, Lo: 2, Hi: 8, N: 9}},
	} {
		if got := stats.Summarize(c.values); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestSummaryTellsWhatItLacks(t *testing.T) {
	few, enough := stats.Summarize([]float64{1, 2}), stats.Summarize([]float64{90, 95, 100, 100, 105, 120})
	if few.Known() || !strings.Contains(few.Warning(), "≥ 6 runs") || !math.IsInf(few.Spread(), 1) {
		t.Errorf("two values: %+v, warning %q, spread %v", few, few.Warning(), few.Spread())
	}
	if !enough.Known() || enough.Warning() != "" || math.Abs(enough.Spread()-0.2) > 1e-9 {
		t.Errorf("six values: %+v, warning %q, spread %v", enough, enough.Warning(), enough.Spread())
	}
}

func TestCompare(t *testing.T) {
	low, high := []float64{13, 10, 15, 12, 14, 11}, []float64{21, 25, 20, 23, 22, 24}
	if c := stats.Compare(low, high); !c.Differ || c.P > 0.01 || c.Warning != "" {
		t.Errorf("samples apart: %+v", c)
	}
	if c := stats.Compare(low, []float64{10, 11, 12, 13, 14, 16}); c.Differ || c.P < 0.5 {
		t.Errorf("samples alike: %+v", c)
	}
	if c := stats.Compare(low[:2], high[:2]); c.Differ || !strings.Contains(c.Warning, "need >= 4 samples") {
		t.Errorf("two against two can show nothing: %+v", c)
	}
	if c := stats.Compare([]float64{5, 5, 5, 5}, []float64{5, 5, 5, 5}); c.Differ || c.P != 1 {
		t.Errorf("all equal: %+v", c)
	}
	if low[0] != 13 {
		t.Error("Compare sorted the caller's values")
	}
}
