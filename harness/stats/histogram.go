// Package stats holds the figures of a run that are more than counters. Durations go into a Histogram, and quantiles come out;
// one figure a repeat goes into Summarize, a median with its interval comes out, and Compare says whether two rows differ. It
// knows nothing of operations or targets. A newcomer starts at Histogram.
package stats

import (
	"math/bits"
	"time"
)

// Histogram counts durations from 1 ns to 10 min to two significant digits, with the bars of HdrHistogram. It allocates what the
// durations need that are recorded: 1 kB for each doubling, because each of many thousand clients has several. The zero value is empty
// and ready. Not safe for concurrent use: keep one a client and Merge them.
type Histogram struct {
	octaves [octaves]*[barsEach]int64
	count   int64
}

// An octave has 128 bars and doubles the durations of the one before. Bars of the first two are 1 ns wide.
const (
	barBits  = 7
	barsEach = 1 << barBits
	octaves  = 40 - barBits + 1 // 10 min are less than 1<<40 ns
	longest  = 10 * time.Minute
)

// widthOf is how much wider bars of an octave are than 1 ns, in bits.
func widthOf(octave int) int { return max(octave-1, 0) }

// barOf is the bar that counts v.
func barOf(v uint64) (octave, bar int) {
	octave = max(bits.Len64(v)-barBits, 0)
	return octave, int(v>>widthOf(octave)) & (barsEach - 1)
}

// spanOf is what a bar counts, both inclusive.
func spanOf(octave, bar int) (from, to time.Duration) {
	if octave > 0 {
		bar += barsEach
	}
	width := widthOf(octave)
	from = time.Duration(bar) << width
	return from, from + 1<<width - 1
}

// Record counts d; what is longer than 10 min counts as 10 min.
func (h *Histogram) Record(d time.Duration) { h.Add(d, 1) }

// Add counts n durations of d, as Record does: a histogram to which the bars of another are added, each by its From, equals the other.
func (h *Histogram) Add(d time.Duration, n int64) {
	if n <= 0 {
		return
	}
	octave, bar := barOf(uint64(min(max(d, 1), longest)))
	bars := h.octaves[octave]
	if bars == nil {
		bars = new([barsEach]int64)
		h.octaves[octave] = bars
	}
	bars[bar] += n
	h.count += n
}

// Bar is how many durations were recorded between two that a Histogram tells apart.
type Bar struct {
	From, To time.Duration // both inclusive
	Count    int64
}

// Bars are those that are not empty, shortest durations first.
func (h *Histogram) Bars() []Bar {
	var all []Bar
	for octave, bars := range h.octaves {
		if bars == nil {
			continue
		}
		for bar, n := range bars {
			if n > 0 {
				from, to := spanOf(octave, bar)
				all = append(all, Bar{from, to, n})
			}
		}
	}
	return all
}

// Merge adds what other counted.
func (h *Histogram) Merge(other *Histogram) {
	for octave, bars := range other.octaves {
		switch mine := h.octaves[octave]; {
		case bars == nil:
		case mine == nil:
			own := *bars
			h.octaves[octave] = &own
		default:
			for bar, n := range bars {
				mine[bar] += n
			}
		}
	}
	h.count += other.count
}

// Count is how many durations were recorded.
func (h *Histogram) Count() int64 { return h.count }

// Quantile is the duration that the share q (0 to 1) of all recorded ones does not exceed; 0 if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	left := min(max(int64(q*float64(h.count)+0.5), 1), h.count)
	for octave, bars := range h.octaves {
		if bars == nil {
			continue
		}
		for bar, n := range bars {
			if left -= n; n > 0 && left <= 0 {
				_, to := spanOf(octave, bar)
				return to
			}
		}
	}
	return 0
}

// Max is the longest duration recorded, to two digits.
func (h *Histogram) Max() time.Duration { return h.Quantile(1) }

// Mean is the mean of all recorded durations, to two digits; 0 if there are none.
func (h *Histogram) Mean() time.Duration {
	var sum float64
	for _, b := range h.Bars() {
		sum += float64(b.From+(b.To-b.From+1)/2) * float64(b.Count)
	}
	if h.count == 0 {
		return 0
	}
	return time.Duration(sum / float64(h.count))
}
