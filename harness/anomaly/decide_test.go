package anomaly

import (
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/internal/draw"
)

// TestLargeHistories: of models that nobody asked for nothing is searched where one search after the other would cost much.
func TestLargeHistories(t *testing.T) {
	if testing.Short() {
		t.Skip("draws half a million transactions")
	}
	for n, undecided := range map[int]bool{1_000: false, 500_000: true} {
		h := draw.Rotating{Kind: history.Lists, Transactions: n}.Draw(1)
		r, err := JudgeChains(t.Context(), h, "serializable")
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != harness.Safe || slices.Contains(r.Undecided, "strong-snapshot-isolation") != undecided {
			t.Errorf("%d transactions, %d operations: %s, undecided: %v", n, len(h.Ops), r.Verdict, r.Undecided)
		}
	}
}
