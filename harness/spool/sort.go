package spool

import (
	"cmp"
	"slices"
)

// Numbered is what Sort sorts: a number, alone or with another that goes along.
type Numbered interface{ ~[1]int64 | ~[2]int64 }

// Seek is the place of the first item whose number is not less in items that are sorted, or how many they are. from is where it may be near:
// who looks for ever larger numbers, each from the place of the last, passes over each item once.
func Seek[T Numbered](items []T, from int, number int64) int {
	lo := from
	if lo > 0 && items[lo-1][0] >= number {
		lo = 0
	}
	hi, step := lo, 1
	for hi < len(items) && items[hi][0] < number {
		lo = hi + 1
		hi += step
		step *= 2
	}
	for hi = min(hi, len(items)); lo < hi; {
		if mid := int(uint(lo+hi) >> 1); items[mid][0] < number {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

const (
	digit = 11      // bits a pass
	few   = 512     // items that are not worth the passes
	piece = 1 << 16 // items between two pauses
)

// Sort sorts items by their first numbers, and returns them and the slice that is spare then, one of items and spare: a radix sort, since
// comparing would be most of what it takes to judge a history. Items whose numbers are the same stay as they are, unless there are few. pause is
// called now and then.
func Sort[T Numbered](s *Spool, items, spare []T, pause func()) (sorted, rest []T) {
	if len(items) < few {
		slices.SortFunc(items, func(a, b T) int { return cmp.Compare(a[0], b[0]) })
		return items, spare
	}
	if cap(spare) < len(items) {
		spare = Make[T](s, len(items), len(items))
	}
	spare = spare[:len(items)]
	lo, hi := items[0][0], items[0][0]
	for part := range slices.Chunk(items, piece) {
		pause()
		for i := range part {
			lo, hi = min(lo, part[i][0]), max(hi, part[i][0])
		}
	}
	for shift := 0; uint64(hi-lo)>>shift != 0; shift += digit {
		var at [1 << digit]int
		for part := range slices.Chunk(items, piece) {
			pause()
			for i := range part {
				at[uint64(part[i][0]-lo)>>shift&(1<<digit-1)]++
			}
		}
		next := 0
		for i, n := range at {
			at[i] = next
			next += n
		}
		for part := range slices.Chunk(items, piece) {
			pause()
			for i := range part {
				d := uint64(part[i][0]-lo) >> shift & (1<<digit - 1)
				spare[at[d]] = part[i]
				at[d]++
			}
		}
		items, spare = spare, items
	}
	return items, spare
}
