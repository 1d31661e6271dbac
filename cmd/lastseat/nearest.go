package main

import (
	"fmt"
	"strings"
)

// nearest is the name that is most like got, or nothing if none is like it.
func nearest(got string, names []string) string {
	best, at := "", len(got)/2+2
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

// distance is the number of letters to insert, drop or replace to turn a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
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
