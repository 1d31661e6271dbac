package stats

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Live counts durations while others read it: one goroutine records, any may Read. It tells durations apart to an eighth, takes 2 kB, and
// recording is one atomic store; what a Histogram tells of the same durations is more exact. The zero value is empty and ready.
type Live struct{ n [liveBars]atomic.Int64 }

// Durations under 128 ns are one bar; from there on, 8 bars double them, up to 10 min.
const (
	liveBits  = 3
	liveShift = 7 // 1<<liveShift ns: the end of the first bar
	liveBars  = 1 + (40-liveShift)<<liveBits
)

// liveBar is the bar that counts d.
func liveBar(d time.Duration) int {
	v := uint64(max(d, 0))
	octave := bits.Len64(v) - 1 - liveShift
	if octave < 0 {
		return 0
	}
	part := int(v>>(octave+liveShift-liveBits)) & (1<<liveBits - 1)
	return min(1+octave<<liveBits+part, liveBars-1)
}

// liveMiddle is the middle of a bar.
func liveMiddle(bar int) time.Duration {
	if bar == 0 {
		return 1 << (liveShift - 1)
	}
	octave, part := (bar-1)>>liveBits, (bar-1)&(1<<liveBits-1)
	step := time.Duration(1) << (octave + liveShift - liveBits)
	return time.Duration(1<<liveBits+part)*step + step/2
}

// Record counts d. Only one goroutine may.
func (l *Live) Record(d time.Duration) {
	bar := &l.n[liveBar(d)]
	bar.Store(bar.Load() + 1)
}

// Read adds what was counted until now.
func (l *Live) Read(to *Read) {
	for i := range l.n {
		to[i] += l.n[i].Load()
	}
}

// Read is what was read of one or several Live.
type Read [liveBars]int64

// Count is how many durations there are.
func (r *Read) Count() int64 {
	var n int64
	for _, v := range r {
		n += v
	}
	return n
}

// Since is what was counted after an earlier reading.
func (r *Read) Since(earlier *Read) Read {
	d := *r
	for i := range d {
		d[i] -= earlier[i]
	}
	return d
}

// Merge adds what other counted.
func (r *Read) Merge(other *Read) {
	for i := range r {
		r[i] += other[i]
	}
}

// Quantile is the duration that the share q (0 to 1) does not exceed, to an eighth; 0 if there are none.
func (r *Read) Quantile(q float64) time.Duration {
	all := r.Count()
	if all == 0 {
		return 0
	}
	left := max(int64(q*float64(all)+0.5), 1)
	for i, v := range r {
		if left -= v; left <= 0 {
			return liveMiddle(i)
		}
	}
	return liveMiddle(liveBars - 1)
}
