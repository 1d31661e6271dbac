package main

import (
	"fmt"
	"strings"
)

// nearest is the name that is most like got, or nothing if none is near: more than a third of the letters wrong is another word.
func nearest(got string, names []string) string {
	if got == "" {
		return ""
	}
	best, at := "", max(1, len(got)/3)+1
	for _, n := range names {
		// A name that is only begun counts as far as it goes.
		d := min(distance(got, n), distance(got, n[:min(len(got), len(n))])+1)
		if strings.HasPrefix(n, got) || strings.Contains(n, got) && len(got) > 2 {
			d = 1
		}
		if d < at {
			best, at = n, d
		}
	}
	return best
}

// distance is the number of letters to insert, drop, replace or swap with the next to turn a into b (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := range len(a) {
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(rows[i][j+1]+1, rows[i+1][j]+1, rows[i][j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(a)][len(b)]
}

// unknown says that an axis has no such value, and names the nearest.
func unknown(axis, got string, names []string) error {
	return unknownOf(axis, got, names, strings.Join(names, ", ")+", or all")
}

// unknownOf says that there is no such thing, which is the nearest, and what there is.
func unknownOf(kind, got string, names []string, there string) error {
	if near := nearest(got, names); near != "" {
		return fmt.Errorf("unknown %s %s; did you mean %s? There are: %s", kind, said(got), near, there)
	}
	return fmt.Errorf("unknown %s %s; there are: %s", kind, said(got), there)
}
