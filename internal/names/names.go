// Package names tells users about names that are not known: it finds the name that was probably meant, and does not repeat what may
// hold a password.
package names

import (
	"fmt"
	"slices"
	"strings"
)

// All selects everything that has a name, where a list of names is asked for.
const All = "all"

// Pick is the named values in the order of known, each once; All picks all.
func Pick(kind string, named, known []string) ([]string, error) {
	if slices.Contains(named, All) {
		return known, nil
	}
	for _, n := range named {
		if !slices.Contains(known, n) {
			return nil, UnknownOrAll(kind, n, known)
		}
	}
	var picked []string
	for _, k := range known {
		if slices.Contains(named, k) {
			picked = append(picked, k)
		}
	}
	if len(picked) == 0 {
		return nil, fmt.Errorf("no %s is named; there are: %s, or all", kind, strings.Join(known, ", "))
	}
	return picked, nil
}

// Nearest is the name that is most like got, or nothing if none is near: more than a third of the letters wrong is another word.
func Nearest(got string, names []string) string {
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

// Unknown says that there is no such name, which is the nearest, and which there are.
func Unknown(kind, got string, known []string) error {
	return UnknownAmong(kind, got, known, strings.Join(known, ", "))
}

// UnknownOrAll is Unknown where All is a name too.
func UnknownOrAll(kind, got string, known []string) error {
	return UnknownAmong(kind, got, known, strings.Join(known, ", ")+", or all")
}

// UnknownAmong is Unknown with a text that says which names there are.
func UnknownAmong(kind, got string, known []string, text string) error {
	if near := Nearest(got, known); near != "" {
		return fmt.Errorf("unknown %s %s; did you mean %s? There are: %s", kind, Quote(got), near, text)
	}
	return fmt.Errorf("unknown %s %s; there are: %s", kind, Quote(got), text)
}
