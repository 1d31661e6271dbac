package harness_test

import (
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
