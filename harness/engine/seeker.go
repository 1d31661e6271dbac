package engine

import "slices"

// seeker looks for places in slices of times that are sorted. Of each it starts from where it was last: who looks for later and later times passes over
// each once.
type seeker []int // by slice

// seek is the place of the first time that is not before the given one in the slice of the number.
func (s seeker) seek(number int, times []int64, time int64) int {
	lo := s[number]
	if lo > 0 && times[lo-1] >= time {
		lo = 0
	}
	hi, step := lo, 1
	for hi < len(times) && times[hi] < time {
		lo = hi + 1
		hi += step
		step *= 2
	}
	at, _ := slices.BinarySearch(times[lo:min(hi, len(times))], time)
	s[number] = lo + at
	return lo + at
}
