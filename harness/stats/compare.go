package stats

import (
	"math"
	"slices"
	"strconv"

	"golang.org/x/perf/benchmath"
)

// confidence is that of intervals; a difference counts if its p-value is at most 1 - confidence.
const confidence = 0.95

// LeastRuns is how many values an interval of a median at 95 % needs: with fewer, even the whole range covers less.
const LeastRuns = 6

// Summary is a sample's median with its interval. Nothing is assumed about how the values are distributed.
type Summary struct {
	Median float64
	Lo, Hi float64 // the interval at 95 % confidence; both 0 where there are too few values for one
	N      int     // values
}

// Summarize is the summary of values, which may be in any order. No values: the zero Summary.
func Summarize(values []float64) Summary {
	if len(values) == 0 {
		return Summary{}
	}
	s := benchmath.AssumeNothing.Summary(sample(values), confidence)
	sum := Summary{Median: s.Center, N: len(values)}
	if !math.IsInf(s.Lo, 0) && !math.IsInf(s.Hi, 0) {
		sum.Lo, sum.Hi = s.Lo, s.Hi
	}
	return sum
}

// Known reports whether there is an interval.
func (s Summary) Known() bool { return s.N >= LeastRuns }

// Warning says what the summary lacks, in benchmath's terms; empty if nothing.
func (s Summary) Warning() string {
	if s.N == 0 || s.Known() {
		return ""
	}
	return "need ≥ " + strconv.Itoa(LeastRuns) + " runs for an interval"
}

// Spread is how far the interval reaches from the median, as a share of it: the larger of both sides. Without an interval
// it is infinite.
func (s Summary) Spread() float64 {
	if !s.Known() || s.Median == 0 {
		return math.Inf(1)
	}
	return max(s.Hi/s.Median-1, 1-s.Lo/s.Median)
}

// Comparison says whether two samples differ, by the Mann-Whitney U test.
type Comparison struct {
	P       float64 // how likely a difference like this is where there is none; 1 where it cannot be told
	Differ  bool    // P is at most 0.05
	Warning string  // why a difference could not have been found; empty if it could
}

// Compare compares two samples, whose values may be in any order.
func Compare(a, b []float64) Comparison {
	c := benchmath.AssumeNothing.Compare(sample(a), sample(b))
	out := Comparison{P: c.P, Differ: c.P <= c.Alpha}
	if len(c.Warnings) > 0 {
		out.Warning = c.Warnings[0].Error()
	}
	return out
}

func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}
