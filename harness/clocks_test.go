package harness_test

import (
	"math"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestMargin: one clock needs no margin, two need both slacks, and one that cannot be compared orders nothing.
func TestMargin(t *testing.T) {
	h := &harness.History{Clocks: []harness.Clock{{Name: "w1", Slack: 30}, {Name: "w2", Slack: 50}, {Name: "w3", Slack: harness.Incomparable}}}
	log := func(clock int) *harness.Log { return &harness.Log{Clock: clock} }
	for _, c := range []struct {
		a, b int
		want int64
	}{{0, 0, 0}, {2, 2, 0}, {0, 1, 80}, {1, 0, 80}, {0, 2, harness.Incomparable}, {2, 1, harness.Incomparable}} {
		if got := h.Margin(log(c.a), log(c.b)); got != c.want {
			t.Errorf("clocks %d and %d: %d, want %d", c.a, c.b, got, c.want)
		}
	}
	if got := (&harness.History{}).Margin(log(0), log(0)); got != 0 {
		t.Errorf("one clock: %d", got)
	}
}

// TestSoonerLater: times that are not within the row do not wrap around, whatever the margin.
func TestSoonerLater(t *testing.T) {
	const most, least = math.MaxInt64, math.MinInt64
	for _, c := range []struct{ time, margin, sooner, later int64 }{
		{5, 3, 2, 8},
		{-5, 3, -8, -2},
		{5, 0, 5, 5},
		{least, 1, least, least + 1},
		{most, 1, most - 1, most},
		{5, harness.Incomparable, least, most},
		{-5, harness.Incomparable, least, most},
		{-5, most - 1, least, most - 6},
		{5, most - 1, 6 - most, most},
	} {
		if s, l := harness.Sooner(c.time, c.margin), harness.Later(c.time, c.margin); s != c.sooner || l != c.later {
			t.Errorf("%d by %d: %d and %d, want %d and %d", c.time, c.margin, s, l, c.sooner, c.later)
		}
	}
}
