package stats

import (
	"math"
	"testing"
)

// TestShare: intervals of Wilson's score as published (Newcombe 1998, table I), and of none and of all.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		hits, of int
		lo, hi   float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {29, 29, 0.8830, 1}} {
		s := Share(c.hits, c.of)
		if math.Abs(s.Lo-c.lo) > 1e-4 || math.Abs(s.Hi-c.hi) > 1e-4 || s.N != c.of {
			t.Errorf("%d of %d: %+v, want %v…%v", c.hits, c.of, s, c.lo, c.hi)
		}
	}
}

// TestCompareShares: Fisher's tea (3 and 1 of 4 each: p 0.486), and counts by the definition.
func TestCompareShares(t *testing.T) {
	for _, c := range []struct {
		a, of, b, bOf  int
		p              float64
		differ, enough bool
	}{
		{3, 4, 1, 4, 0.4857, false, true},
		{4, 4, 0, 4, 0.0286, true, true},
		{3, 3, 0, 3, 1, false, false}, // all against none would be p 0.1
		{1, 9, 11, 14, 0.0028, true, true},
		{0, 1000, 84, 100, 0, true, true},
		{500, 1000, 500, 1000, 1, false, true},
		{0, 5, 0, 5, 1, false, true},
		{50000, 1000000, 51000, 1000000, 0.0012, true, true},
	} {
		got := CompareShares(c.a, c.of, c.b, c.bOf)
		if math.Abs(got.P-c.p) > 2e-4 || got.Differ != c.differ || (got.Warning == "") != c.enough {
			t.Errorf("%d of %d, %d of %d: %+v, want %+v", c.a, c.of, c.b, c.bOf, got, c)
		}
		if back := CompareShares(c.b, c.bOf, c.a, c.of); math.Abs(back.P-got.P) > 1e-6 {
			t.Errorf("%d of %d, %d of %d: the other way round %v, not %v", c.a, c.of, c.b, c.bOf, back.P, got.P)
		}
	}
}
