package threshold

import (
	"slices"

	"github.com/lastseat/lastseat/harness/stats"
)

// Values are what was measured of a figure: a sample a run; or a share that was counted, of rounds or of schedules.
type Values struct {
	Samples []float64
	Hits    int
	Of      int  // 0: nothing was counted, there are samples
	All     bool // Of is all that there are: none was drawn, and the share is what it is
}

// None reports whether nothing was measured.
func (v Values) None() bool { return len(v.Samples) == 0 && v.Of == 0 }

// Counted reports whether the figure is a share that was counted.
func (v Values) Counted() bool { return v.Of > 0 }

// Summary is the median of samples, or the share, with an interval where there is one.
func (v Values) Summary() stats.Summary {
	switch {
	case v.All && v.Counted():
		return stats.Summary{Median: float64(v.Hits) / float64(v.Of), N: v.Of}
	case v.Counted():
		return stats.Share(v.Hits, v.Of)
	}
	return stats.Summarize(v.Samples)
}

// Compare says whether the figure differs from another of the same metric.
func (v Values) Compare(o Values) stats.Comparison {
	switch {
	case v.Counted() && o.Counted() && v.All && o.All:
		if v.Hits*o.Of != o.Hits*v.Of {
			return stats.Comparison{Differ: true}
		}
		return stats.Comparison{P: 1}
	case v.Counted() && o.Counted():
		return stats.CompareShares(v.Hits, v.Of, o.Hits, o.Of)
	}
	return stats.Compare(v.Samples, o.Samples)
}

// And is both together. All schedules, run twice, are still all.
func (v Values) And(o Values) Values {
	switch {
	case v.All && o.All && v.Hits == o.Hits && v.Of == o.Of:
		return v
	case o.None():
		return v
	}
	return Values{Samples: slices.Concat(v.Samples, o.Samples), Hits: v.Hits + o.Hits, Of: v.Of + o.Of, All: v.None() && o.All}
}
