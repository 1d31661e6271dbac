package check

import (
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestDrifts: by version, whoever came first; at one version what the first found, and then the others that found something else. Versions that a replay
// has no place for are among them.
func TestDrifts(t *testing.T) {
	found := []event{{4, 2}, {2, 1}, {2, 1}, {4, 3}, {2, 5}, {9, 7}, {4, 2}, {0, 1}}
	for name, c := range map[string]struct {
		account account
		want    []event
	}{
		"a place for each": {account{first: 1, values: make([]int64, 5)}, []event{{0, 1}, {2, 1}, {2, 5}, {4, 2}, {4, 3}, {9, 7}}},
		"wide gaps":        {account{versions: []int64{2, 4, 900}}, []event{{0, 1}, {2, 1}, {2, 1}, {2, 5}, {4, 2}, {4, 3}, {4, 2}, {9, 7}}},
	} {
		h := &harness.History{}
		var d drifts
		for _, e := range found {
			d.add(h, &c.account, e.key(), e.delta())
		}
		slices.SortStableFunc(d.others, func(a, b event) int { return int(a.key() - b.key()) })
		var got []event
		d.each(h, func(e event) { got = append(got, e) })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
