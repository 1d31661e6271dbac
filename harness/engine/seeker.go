package engine

import "github.com/lastseat/lastseat/harness/spool"

// seeker looks for places in slices of times that are sorted. Of each it starts from where it was last.
type seeker []int // by slice

// seek is the place of the first time that is not before the given one in the slice of the number.
func (s seeker) seek(number int, times []instant, time int64) int {
	s[number] = spool.Seek(times, s[number], time)
	return s[number]
}
