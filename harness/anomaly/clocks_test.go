package anomaly

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// reached is, by node, which others its edges lead to.
func reached(nodes int32, edges []edge) [][]bool {
	all := make([][]bool, nodes)
	for i := range all {
		all[i] = make([]bool, nodes)
	}
	for _, e := range edges {
		all[e.from][e.to] = true
	}
	for k := range all {
		for i := range all {
			for j := range all {
				all[i][j] = all[i][j] || all[i][k] && all[k][j]
			}
		}
	}
	return all
}

// TestOrdersOfSeveralClocks: whichever way real time is told, it is what each clock shows of its own operations and what clocks prove between
// them, and what follows from that.
func TestOrdersOfSeveralClocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &harness.History{Names: []string{"buy"}}
		for range rapid.IntRange(1, 3).Draw(t, "clocks") {
			h.Clocks = append(h.Clocks, harness.Clock{Slack: rapid.SampledFrom([]int64{0, 2, 7, harness.Incomparable}).Draw(t, "slack")})
		}
		for p := range rapid.IntRange(1, 4).Draw(t, "processes") {
			l := &harness.Log{Process: int32(p), Clock: p % len(h.Clocks)}
			for at, n := int64(0), rapid.IntRange(0, 3).Draw(t, "operations"); n > 0; n-- {
				begin := at + rapid.Int64Range(0, 9).Draw(t, "pause")
				at = begin + rapid.Int64Range(0, 5).Draw(t, "took")
				l.Append(harness.Record{Begin: begin, End: at, Tries: 1, Outcome: rapid.SampledFrom([]harness.Outcome{harness.OK, harness.OK, harness.Unknown}).Draw(t, "outcome")})
			}
			h.Logs = append(h.Logs, l)
		}
		c := newCells(h)
		w, n := c.times(), int32(len(c.ops))
		var known []edge
		for i := range n {
			for j := range n {
				a, b := &c.ops[i], &c.ops[j]
				margin := h.Margin(h.Logs[a.Process()], h.Logs[b.Process()])
				if before := a.Outcome == harness.OK && a.End < b.Begin-margin; before != w.before(i, j) {
					t.Fatalf("%d before %d: %t", i, j, !before)
				} else if before {
					known = append(known, edge{i, j, realtime})
				}
			}
		}
		want := reached(n, known)
		swept, helpers := w.clock(n)
		few := rapid.IntRange(0, 12).Draw(t, "few")
		for name, got := range map[string][][]bool{"clock": reached(n+helpers, slices.Concat(swept...)), "next": reached(n, w.next(places(int(n)))), "later": reached(n, w.later(places(int(n)), few))} {
			for i := range want {
				for j := range want {
					if got[i][j] != want[i][j] {
						t.Fatalf("%s: %d before %d is %t, want %t", name, i, j, got[i][j], want[i][j])
					}
				}
			}
		}
	})
}
