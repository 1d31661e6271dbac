package engine_test

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// stallsOnce is a target whose first operation takes that long, and the others no time.
func stallsOnce(d time.Duration) *script {
	return &script{do: func(_ context.Context, op *harness.Op) harness.Result {
		if harness.OpSeq(op.ID) == 1 {
			time.Sleep(d)
		}
		return harness.Result{Outcome: harness.OK}
	}}
}

// onTime runs a row by a simulated clock, which stands still while anybody works: how slow the machine is, or how long it stalls,
// shows in nothing.
func onTime(t *testing.T, s harness.Target, cfg engine.Config) *engine.Report {
	t.Helper()
	cfg.Simulate()
	var rep *engine.Report
	synctest.Test(t, func(t *testing.T) {
		var err error
		if rep, err = run(t, s, cfg); err != nil {
			t.Fatal(err)
		}
	})
	return rep
}

// takes is a target whose operations take that long.
func takes(d time.Duration) *script {
	return &script{do: func(context.Context, *harness.Op) harness.Result {
		time.Sleep(d)
		return harness.Result{Outcome: harness.OK}
	}}
}

// TestLatencyCountsFromTheSchedule: while one operation stalls, those that were due meanwhile are late, and their latency
// says so. A closed loop would count one slow operation out of a hundred.
func TestLatencyCountsFromTheSchedule(t *testing.T) {
	for _, arrivals := range []engine.Arrivals{engine.Uniform, engine.Poisson} {
		cfg := config(1, 100)
		cfg.Rate, cfg.Arrivals = 1000, arrivals
		a := &onTime(t, stallsOnce(200*time.Millisecond), cfg).Accounting
		if a.Processed() != 100 || a.Lag.Count() != 100 || a.Skipped != 0 {
			t.Errorf("%s: %d operations, %d lags, %d skipped, want 100, 100, 0", arrivals, a.Processed(), a.Lag.Count(), a.Skipped)
		}
		if p50 := a.Latency[harness.OK].Quantile(0.5); p50 < 50*time.Millisecond {
			t.Errorf("%s: the median latency is %v: what waited during the stall was not counted from when it was due", arrivals, p50)
		}
	}
}

// TestRateIsKept: operations do not begin before they are due.
func TestRateIsKept(t *testing.T) {
	cfg := config(4, 200)
	cfg.Rate, cfg.Arrivals = 1000, engine.Uniform
	rep, err := run(t, stallsOnce(0), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Elapsed < 199*time.Millisecond {
		t.Errorf("200 operations at 1,000 a second took %v", rep.Elapsed)
	}
}

// TestTooLateIsSkipped: with a latency limit, what would begin too late is not sent, and is counted.
func TestTooLateIsSkipped(t *testing.T) {
	cfg := config(1, 100)
	cfg.Rate, cfg.Arrivals, cfg.LatencyLimit = 1000, engine.Uniform, 20*time.Millisecond
	if a := &onTime(t, stallsOnce(200*time.Millisecond), cfg).Accounting; a.Skipped != 99 || a.Processed() != 1 {
		t.Errorf("%d skipped, %d done, want 99 and 1", a.Skipped, a.Processed())
	}
}

// TestDroppedIsCounted: what was due before the row ended, and never begun, is neither late nor done.
func TestDroppedIsCounted(t *testing.T) {
	cfg := config(1, 0)
	cfg.Rate, cfg.Arrivals, cfg.Duration = 1000, engine.Uniform, 100*time.Millisecond
	// The only client was busy for all of the 100 ms: the other 98 that were due before their end were not begun.
	if a := &onTime(t, stallsOnce(300*time.Millisecond), cfg).Accounting; a.Processed() != 1 || a.Dropped != 98 {
		t.Errorf("%d done, %d dropped, want 1 and 98", a.Processed(), a.Dropped)
	}
}

// TestPausesAreNotLate: the schedule's clock stands still while a checkpoint is written.
func TestPausesAreNotLate(t *testing.T) {
	cfg := config(2, 60)
	cfg.Rate, cfg.Arrivals, cfg.CheckpointEvery = 1000, engine.Uniform, 10*time.Millisecond
	pauses := 0
	cfg.Checkpoint = func(*harness.History) error {
		pauses++
		time.Sleep(300 * time.Millisecond)
		return nil
	}
	rep := onTime(t, stallsOnce(0), cfg)
	if pauses < 6 || rep.Accounting.Processed() != 60 {
		t.Errorf("%d pauses, %d operations, want 6 or more and 60", pauses, rep.Accounting.Processed())
	}
	if lag := rep.Accounting.Lag.Quantile(1); lag > time.Millisecond {
		t.Errorf("an operation was %v late: pauses count", lag)
	}
}

// TestBurst: no client begins its next operation before all have been answered.
func TestBurst(t *testing.T) {
	const clients = 8
	for name, ops := range map[string]int64{"all waves full": 10 * clients, "the last wave is not": 10*clients + 3} {
		var answered [clients]atomic.Int64
		var early atomic.Int64
		s := &script{do: func(_ context.Context, op *harness.Op) harness.Result {
			seq := int64(harness.OpSeq(op.ID))
			for i := range answered {
				if answered[i].Load() < seq-1 {
					early.Add(1)
				}
			}
			answered[harness.OpProcess(op.ID)].Add(1)
			return harness.Result{Outcome: harness.OK}
		}}
		cfg := config(clients, ops)
		cfg.Burst = true
		rep, err := run(t, s, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if rep.Accounting.Processed() != ops || early.Load() > 0 {
			t.Errorf("%s: %d operations of %d, %d begun too early", name, rep.Accounting.Processed(), ops, early.Load())
		}
	}
}

// TestBurstEnds: clients that wait for each other end with their round, and go on in the next.
func TestBurstEnds(t *testing.T) {
	cfg := config(8, 0)
	cfg.Burst, cfg.Duration, cfg.CheckpointEvery = true, 50*time.Millisecond, 10*time.Millisecond
	cfg.Checkpoint = func(*harness.History) error { return nil }
	if n := onTime(t, takes(time.Millisecond), cfg).Accounting.Processed(); n == 0 || n%8 != 0 {
		t.Errorf("%d operations: not whole waves of 8", n)
	}
}

// TestWarmUp: what clients do before the row begins is recorded, and in no figure, be they free, waiting for what is due when the
// row begins, or late.
func TestWarmUp(t *testing.T) {
	for _, rate := range []float64{0, 200, 4000} {
		cfg := config(2, 100)
		cfg.Warmup, cfg.Rate, cfg.Arrivals = 52*time.Millisecond, rate, engine.Uniform
		rep := onTime(t, takes(time.Millisecond), cfg)
		if n := rep.Accounting.Processed(); n != 100 || rep.History.Len() <= 100 {
			t.Errorf("at rate %v: %d operations counted and %d recorded, want 100 and more", rate, n, rep.History.Len())
		}
		if lag := rep.Accounting.Lag.Quantile(0); lag > 2*time.Millisecond {
			t.Errorf("at rate %v: the row begins %v late", rate, lag)
		}
	}
}

// TestOpsSurvivePauses: a bound on operations is met even where clients pause between two of those they had claimed.
func TestOpsSurvivePauses(t *testing.T) {
	cfg := config(4, 64)
	cfg.CheckpointEvery = time.Millisecond
	cfg.Checkpoint = func(*harness.History) error { return nil }
	if n := onTime(t, takes(time.Millisecond), cfg).Accounting.Processed(); n != 64 {
		t.Errorf("%d operations, want 64", n)
	}
}

func TestLoadConfigIsChecked(t *testing.T) {
	for _, bad := range []func(*engine.Config){
		func(c *engine.Config) { c.Rate = -1 },
		func(c *engine.Config) { c.Rate = math.NaN() },
		func(c *engine.Config) { c.Rate = 1e9 },
		func(c *engine.Config) { c.Rate, c.Arrivals = 10, "often" },
		func(c *engine.Config) { c.LatencyLimit = time.Second },
		func(c *engine.Config) { c.Rate, c.Burst = 10, true },
		func(c *engine.Config) { c.Warmup = -1 },
	} {
		c := config(1, 1)
		bad(&c)
		if err := c.Validate(); !errors.Is(err, engine.ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
