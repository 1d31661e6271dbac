package anomaly

import (
	"fmt"
	"slices"
	"testing"
)

// TestSearch: what the search finds in a graph, each name with its length.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		name  string
		txns  int32
		order edgeKind
		edges []edge
		want  []string
	}{
		{
			name: "a helper is no detour", txns: 3, want: []string{"G0 2"},
			edges: []edge{{0, 3, ww}, {3, 2, pass}, {3, 4, pass}, {4, 1, pass}, {2, 1, ww}, {1, 0, ww}},
		},
		{
			name: "a walk that meets a transaction twice is two cycles", txns: 4, want: []string{"G0 2", "G2-item 3"},
			edges: []edge{{0, 3, rw}, {3, 2, ww}, {2, 0, rw}, {0, 1, ww}, {1, 0, ww}},
		},
		{
			name: "the shortest way is told otherwise", txns: 3, order: process, want: []string{"G-single-item-process 3", "G2-item 2"},
			edges: []edge{{2, 0, ww}, {0, 1, process}, {2, 1, rw}, {2, 1, process}, {1, 2, rw}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			nodes := c.txns
			for _, e := range c.edges {
				nodes = max(nodes, e.from+1, e.to+1)
			}
			s := searcher{order: c.order}
			hits, _ := s.search(newGraph(c.txns, nodes, c.edges))
			var got []string
			for _, h := range hits {
				got = append(got, fmt.Sprint(h.name, " ", len(h.cycle.txns)))
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// TestStepInRealTime: first was answered before second began, and second before third. first read what third wrote, which is a
// G1c-realtime of two steps; by way of second, which overwrote what first had read, it is told as something less.
func TestStepInRealTime(t *testing.T) {
	const first, third, second = 0, 1, 2
	when := &times{begin: []int32{0, 4, 2}, end: []int32{1, 5, 3}}
	edges := []edge{{first, second, rw}, {third, first, wr}}
	for few, want := range map[int][]string{
		3: {"G-single-item-realtime 3", "G1c-realtime 2"},
		2: {"G-single-item-realtime 3"},
	} {
		clock, helpers := when.clock(3)
		s := searcher{order: realtime, when: when, few: few, clocks: 3}
		hits, hidden := s.search(newGraph(3, 3+helpers, append(clock, edges)...))
		var got []string
		for _, h := range hits {
			got = append(got, fmt.Sprint(h.name, " ", len(h.cycle.txns)))
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("up to %d related to all that came later: found %q, want %q", few, got, want)
		}
		if unshown := slices.Contains(hidden, "strong-read-committed"); unshown != (few < 3) {
			t.Errorf("up to %d related to all that came later: ruled out without being shown: %q", few, hidden)
		}
	}
}
