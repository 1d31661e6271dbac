package anomaly

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/internal/draw"
)

// blinds are histories of 10,000 transactions, and what must come of them.
var blinds = []struct {
	draw.Blind
	model   string
	verdict harness.Verdict
}{
	{draw.Blind{Store: draw.Serial}, "strong-session-serializable", harness.Safe},
	{draw.Blind{Store: draw.Serial, Zipfian: true}, "strong-session-serializable", harness.Safe},
	{draw.Blind{Store: draw.Serial}, "strong-session-snapshot-isolation", harness.Safe},
	{draw.Blind{Store: draw.Serial, Zipfian: true}, "", harness.Safe},
	{draw.Blind{Store: draw.Snapshot}, "strong-session-snapshot-isolation", harness.Safe},
	{draw.Blind{Store: draw.Snapshot, Zipfian: true}, "strong-session-snapshot-isolation", harness.Safe},
	{draw.Blind{Store: draw.Snapshot}, "strong-session-serializable", harness.Unsafe},
	{draw.Blind{Store: draw.Broken}, "strong-session-serializable", harness.Unsafe},
	{draw.Blind{Store: draw.Broken, Zipfian: true}, "strong-session-serializable", harness.Unsafe},
	{draw.Blind{Store: draw.Broken}, "serializable", harness.Unsafe},
	{draw.Blind{Store: draw.Broken, Zipfian: true}, "", harness.Unsafe},
}

// TestBlindWrites: what such stores do is decided, of histories small enough for a test.
func TestBlindWrites(t *testing.T) {
	for _, c := range blinds {
		c.Sessions, c.Steps, c.Transactions, c.Keys = 20, 8, 1000, 1000
		t.Run(c.String()+"/"+c.model, func(t *testing.T) {
			r, err := Judge(t.Context(), c.Draw(1), c.model)
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != c.verdict {
				t.Errorf("%s, want %s: %s", r.Verdict, c.verdict, r.Reason)
			}
		})
	}
}

func BenchmarkBlindWrites(b *testing.B) {
	for _, c := range blinds {
		c.Sessions, c.Steps, c.Transactions, c.Keys = 20, 8, 10_000, 10_000
		b.Run(c.String()+"/"+c.model, func(b *testing.B) {
			h := c.Draw(1)
			for b.Loop() {
				r, err := Judge(b.Context(), h, c.model)
				if err != nil || r.Verdict != c.verdict {
					b.Fatal(err, r.Verdict, r.Reason)
				}
				b.ReportMetric(float64(len(r.Undecided)), "undecided")
			}
		})
	}
}
