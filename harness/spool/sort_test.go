package spool

import (
	"cmp"
	"math"
	"slices"
	"testing"
)

// TestSort: numbers as far apart as they can be, alone and with what goes along, in memory and on disk. What has the same number keeps its order.
func TestSort(t *testing.T) {
	for name, s := range map[string]*Spool{"memory": nil, "disk": onDisk(t)} {
		for _, n := range []int{0, 1, few - 1, few, 3 * piece} {
			var alone [][1]int64
			var pairs [][2]int64
			for i := range n {
				number := int64(i) * 2654435761 % 1_000_003 * 977
				switch i % 1000 {
				case 1:
					number = math.MinInt64
				case 2:
					number = math.MaxInt64
				}
				alone, pairs = append(alone, [1]int64{number}), append(pairs, [2]int64{number, int64(i)})
			}
			wantAlone, wantPairs := slices.Clone(alone), slices.Clone(pairs)
			slices.SortFunc(wantAlone, func(a, b [1]int64) int { return cmp.Compare(a[0], b[0]) })
			slices.SortStableFunc(wantPairs, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
			pauses := 0
			gotAlone, spare := Sort(s, alone, nil, func() { pauses++ })
			if !slices.Equal(gotAlone, wantAlone) || n > few && (len(spare) < n || pauses < 2) {
				t.Errorf("%s: %d numbers are out of order, or after %d pauses none of %d is spare", name, n, pauses, len(spare))
			}
			gotPairs, _ := Sort(s, pairs, make([][2]int64, 0, 10), func() {})
			if n >= few && !slices.Equal(gotPairs, wantPairs) || !slices.IsSortedFunc(gotPairs, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) }) {
				t.Errorf("%s: %d pairs are out of order", name, n)
			}
		}
	}
}

// TestSeek: from wherever it starts.
func TestSeek(t *testing.T) {
	var items [][1]int64
	for i := range 100 {
		items = append(items, [1]int64{int64(i/3) * 2})
	}
	for number := int64(-1); number < 70; number++ {
		want, _ := slices.BinarySearchFunc(items, number, func(i [1]int64, n int64) int { return cmp.Compare(i[0], n) })
		for from := range len(items) + 1 {
			if got := Seek(items, from, number); got != want {
				t.Fatalf("%d from %d: %d, want %d", number, from, got, want)
			}
		}
	}
	if got := Seek([][2]int64(nil), 0, 5); got != 0 {
		t.Errorf("of none: %d", got)
	}
}
