package clock

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
)

// row is what becomes of a clock while a row runs: probes and records, by a right clock.
type row struct {
	skew    Skew
	probes  [][3]int64 // sent, when the other clock was read, received
	records []int64    // when they were
}

// draw draws a row. A clock may step once, by little or by much.
func draw(t *rapid.T) *row {
	r := &row{skew: Skew{
		Offset: time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "offset")),
		PPM:    rapid.Int64Range(-DriftPPM+1, DriftPPM-1).Draw(t, "ppm"),
	}}
	if rapid.Bool().Draw(t, "steps") {
		r.skew.Step = time.Duration(rapid.OneOf(rapid.Int64Range(-10_000_000_000, 10_000_000_000), rapid.Int64Range(-200_000, 200_000)).Draw(t, "step"))
		r.skew.At = time.Duration(rapid.Int64Range(0, 400_000_000).Draw(t, "at"))
	}
	delay := rapid.OneOf(rapid.Int64Range(0, 20_000), rapid.Int64Range(0, 3_000_000))
	for now, n := int64(0), rapid.IntRange(0, 30).Draw(t, "probes"); len(r.probes) < n; {
		sent := now + rapid.Int64Range(0, 20_000_000).Draw(t, "pause")
		read := sent + delay.Draw(t, "there")
		now = read + delay.Draw(t, "back")
		r.probes = append(r.probes, [3]int64{sent, read, now})
	}
	r.records = rapid.SliceOfN(rapid.Int64Range(0, 500_000_000), 1, 20).Draw(t, "records")
	return r
}

// run maps the records as a coordinator does, each once a probe was made after it, as far as there are any.
func (r *row) run() (c *Remote, mapped []int64) {
	c = New(DriftPPM)
	slices.Sort(r.records)
	for _, p := range r.probes {
		c.Add(p[0], r.skew.Read(p[1]), p[2])
		for len(mapped) < len(r.records) && r.records[len(mapped)] <= p[1] {
			mapped = append(mapped, c.Map(r.skew.Read(r.records[len(mapped)])))
		}
	}
	for len(mapped) < len(r.records) {
		mapped = append(mapped, c.Map(r.skew.Read(r.records[len(mapped)])))
	}
	return c, mapped
}

// contradicted says which record is farther off than slack allows.
func (r *row) contradicted(mapped []int64, slack int64) string {
	if slack == harness.Incomparable {
		return ""
	}
	for i, at := range r.records {
		if off := mapped[i] - at; off > slack || -off > slack {
			return fmt.Sprintf("a record at %d is mapped to %d: %d off, and at most %d was said", at, mapped[i], off, slack)
		}
	}
	return ""
}

// TestTruth: whatever a clock does, no time is farther off than Slack says.
func TestTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := draw(t)
		c, mapped := r.run()
		if wrong := r.contradicted(mapped, c.Slack()); wrong != "" {
			t.Fatalf("%+v: %s", r.skew, wrong)
		}
		if r.skew.Step >= 0 && !slices.IsSorted(mapped) {
			t.Fatalf("%+v: the clock's own order is not kept: %d", r.skew, mapped)
		}
	})
}

// TestOrders: an order between records of two clocks that Slack proves is the true one.
func TestOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t), draw(t)
		ca, ma := a.run()
		cb, mb := b.run()
		clocks := []harness.Clock{{Name: "a", Slack: ca.Slack()}, {Name: "b", Slack: cb.Slack()}}
		margin := harness.MarginOf(clocks, 0, 1)
		for i := range ma {
			for j := range mb {
				if max(ma[i], 0) < max(mb[j], 0)-margin && a.records[i] >= b.records[j] {
					t.Fatalf("%d before %d, and it was %d and %d", ma[i], mb[j], a.records[i], b.records[j])
				}
			}
		}
	})
}

// oneWay has all of each trip's delay on the way back: the estimate is off by half a trip.
func oneWay(skew Skew) *row {
	r := &row{skew: skew}
	for at := int64(0); at <= 1_000_000_000; at += 10_000_000 {
		r.probes = append(r.probes, [3]int64{at, at, at + 100_000})
	}
	for at := int64(5_000_000); at < 1_000_000_000; at += 7_000_000 {
		r.records = append(r.records, at)
	}
	return r
}

// TestSlackIsNeeded: half the slack would not do, and the test above would tell.
func TestSlackIsNeeded(t *testing.T) {
	r := oneWay(Skew{Offset: 3 * time.Second, PPM: 20})
	c, mapped := r.run()
	slack := c.Slack()
	if slack < 50_000 || slack > 60_000 {
		t.Errorf("trips of 100 µs, 10 ms apart: slack %d ns", slack)
	}
	if wrong := r.contradicted(mapped, slack); wrong != "" {
		t.Error(wrong)
	}
	if r.contradicted(mapped, slack/2) == "" {
		t.Error("half the slack would do")
	}
}

// TestEvidenceIsLost: a jump, no probe after a record and none before it leave nothing to compare.
func TestEvidenceIsLost(t *testing.T) {
	for _, step := range []time.Duration{10 * time.Second, -10 * time.Second, time.Millisecond} {
		c, _ := oneWay(Skew{At: 500 * time.Millisecond, Step: step}).run()
		if c.Slack() != harness.Incomparable {
			t.Errorf("a jump of %v: slack %d", step, c.Slack())
		}
	}
	for name, records := range map[string][]int64{"before the first": {-1}, "after the last": {1_000_000_001}} {
		r := oneWay(Skew{})
		r.records = records
		if c, _ := r.run(); c.Slack() != harness.Incomparable {
			t.Errorf("a record %s probe: slack %d", name, c.Slack())
		}
	}
	if c, _ := (&row{records: []int64{5}}).run(); c.Slack() != harness.Incomparable {
		t.Error("no probes")
	}
}

// TestSmallStep: a jump too small to be noticed is within the bound.
func TestSmallStep(t *testing.T) {
	r := oneWay(Skew{At: 503 * time.Millisecond, Step: 60 * time.Microsecond})
	c, mapped := r.run()
	if slack := c.Slack(); slack == harness.Incomparable {
		t.Error("it was noticed")
	} else if wrong := r.contradicted(mapped, slack); wrong != "" {
		t.Error(wrong)
	}
}

func TestParseSkew(t *testing.T) {
	got, err := ParseSkew("offset=-3s,ppm=150,step=10s@2s")
	if want := (Skew{Offset: -3 * time.Second, PPM: 150, Step: 10 * time.Second, At: 2 * time.Second}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ParseSkew(""); err != nil || got != (Skew{}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"offset", "ppm=x", "step=10s", "drift=3"} {
		if _, err := ParseSkew(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
