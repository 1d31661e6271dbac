package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// TestTimelineTakesTwoPointsForOne: however long a row is, its timeline has a hundred points or so, and nothing is lost.
func TestTimelineTakesTwoPointsForOne(t *testing.T) {
	tl := timeline{width: finestPoint}
	c := &client{}
	r := &Share{clients: []*client{c}}
	tl.begin(0, r.Read())
	const seconds, step = 100, 5 * int64(time.Millisecond)
	done := int64(0)
	for now := step; now <= seconds*int64(time.Second); now += step {
		c.live.count(harness.OK, time.Millisecond)
		if now%3 == 0 {
			c.live.count(harness.Rejected, time.Millisecond)
			c.live.conflicts.Add(1)
		}
		if done++; tl.due(now) {
			tl.add(now, r.Read(), now < 20*int64(time.Second))
		}
	}
	tl.add(seconds*int64(time.Second), r.Read(), false)
	points := tl.sum()
	if len(points) < mostPoints/2 || len(points) > mostPoints {
		t.Errorf("%d points", len(points))
	}
	var ok, rejected, conflicts, last int64
	for i, p := range points {
		if p.From != last || p.To <= p.From {
			t.Errorf("point %d is from %d to %d, the one before ends at %d", i, p.From, p.To, last)
		}
		if p.WarmUp != (p.To < 20*int64(time.Second)) {
			t.Errorf("point %d until %v: warm-up %v", i, time.Duration(p.To), p.WarmUp)
		}
		if rate := p.Rate(); rate < 190 || rate > 210 {
			t.Errorf("point %d: %v ok a second, want 200", i, rate)
		}
		if p.P99 < 900*time.Microsecond || p.P99 > 1100*time.Microsecond {
			t.Errorf("point %d: 99 %% within %v, want 1ms", i, p.P99)
		}
		ok, rejected, conflicts, last = ok+p.OK, rejected+p.Rejected, conflicts+p.Conflicts, p.To
	}
	if ok != done || rejected != done/3 || conflicts != rejected {
		t.Errorf("%d ok, %d rejected, %d conflicts, want %d, %d, %d", ok, rejected, conflicts, done, done/3, done/3)
	}
}

// TestTimelineLeavesPausesOut: between rounds nobody works, and no rate is lower for it.
func TestTimelineLeavesPausesOut(t *testing.T) {
	tl := timeline{width: time.Second}
	c := &client{}
	r := &Share{clients: []*client{c}}
	for _, from := range []int64{0, 10e9} {
		tl.begin(from, r.Read())
		for range 100 {
			c.live.count(harness.OK, 1)
		}
		tl.add(from+1e9, r.Read(), false)
		c.live.count(harness.OK, 1)
		tl.add(from+1e9+1e8, r.Read(), false) // the rest of a round is no point of its own
	}
	points := tl.sum()
	if len(points) != 2 || points[1].From != 10e9 || points[1].OK != 101 || points[0].Worked != 1100*time.Millisecond {
		t.Errorf("%+v", points)
	}
}

// TestProgressSaysWhatIsDoneNow: rates and percentiles are those of the last second, not of the whole row.
func TestProgressSaysWhatIsDoneNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &client{}
		var last Progress
		r := &run{history: &harness.History{}, clients: &Share{clients: []*client{c}}, begun: time.Now(), cfg: Config{Ops: 7, Progress: func(p Progress) { last = p }}}
		r.timeline.begin(0, r.clients.Read())
		over := make(chan struct{})
		ended := make(chan struct{})
		go func() { defer close(ended); r.sample(over, false) }()
		for i := range 300 { // 1,000 a second within 1 ms, then 100 a second within 10 ms
			n, took := 10, time.Millisecond
			if i >= 150 {
				n, took = 1, 10*time.Millisecond
			}
			for range n {
				c.live.count(harness.OK, took)
			}
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		close(over)
		<-ended
		if last.Rate < 85 || last.Rate > 115 || last.P50 < 9*time.Millisecond || last.Processed < 1600 || last.Ops != 7 || last.Limit != 0 {
			t.Errorf("%v ok a second, half within %v, %d operations", last.Rate, last.P50, last.Processed)
		}
		if n := len(last.Rates); n < 60 || last.Rates[5] < 700 || last.Rates[n-1] > 250 {
			t.Errorf("rates over time: %v", last.Rates)
		}
	})
}
