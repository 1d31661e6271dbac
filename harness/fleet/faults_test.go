package fleet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/clock"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
)

// breaking breaks something for 20 ms at a time, as soon as each client was served, or fails.
type breaking struct{ err error }

func (b breaking) Inject(ctx context.Context, on store.Victims) error {
	for on.Served() < on.Turn && harness.Sleep(ctx, time.Millisecond) == nil {
	}
	for harness.Sleep(ctx, time.Duration(20+on.Rand.IntN(20))*time.Millisecond) == nil {
		if b.err != nil {
			return b.err
		}
		mended := on.Note("cable pulled")
		time.Sleep(20 * time.Millisecond)
		mended()
	}
	return nil
}

// waiting is the coordinator's part of a fault that workers make.
type waiting struct{}

func (waiting) Inject(ctx context.Context, _ store.Victims) error {
	<-ctx.Done()
	return nil
}

// TestWorkersTellOfTheirFaults: what each worker breaks is in the history, at the time when it was on the coordinator's clock, also where
// nothing but counts is kept.
func TestWorkersTellOfTheirFaults(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2, clock.Skew{Offset: -3 * time.Second}, clock.Skew{Offset: time.Hour})
	s.nemesis = func() store.Nemesis { return breaking{} }
	f := s.gather(2)
	for _, counts := range []bool{false, true} {
		cfg := config()
		cfg.Duration, cfg.Counts = 2*time.Second, counts
		row := s.vouched(f, "mutex")
		row.Nemesis = waiting{}
		rep, err := engine.Run(t.Context(), row, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Faults) < 4 {
			t.Errorf("counts %v: %d faults", counts, len(rep.Faults))
		}
		for i, f := range rep.Faults {
			if f.What != "cable pulled" || f.From < 0 || f.To-f.From < int64(10*time.Millisecond) || f.To > int64(rep.Elapsed+5*time.Second) || i > 0 && f.From < rep.Faults[i-1].From {
				t.Errorf("counts %v: fault %d: %+v of a row of %v", counts, i, f, rep.Elapsed)
			}
		}
	}
}

// TestFaultsThatNobodyMade: a row whose workers broke nothing shows nothing, and one whose fault fails ends with its error.
func TestFaultsThatNobodyMade(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	f := s.gather(2)
	cfg := config()
	cfg.Duration = time.Second
	row := s.vouched(f, "mutex")
	row.Nemesis = waiting{}
	rep, err := engine.Run(t.Context(), row, cfg)
	if err != nil || rep.Verdict != harness.Inconclusive || !strings.Contains(rep.Reason, "no fault came to pass") {
		t.Errorf("%v, %+v", err, rep)
	}
	s.nemesis = func() store.Nemesis { return breaking{errors.New("the scissors are blunt")} }
	row = s.vouched(f, "mutex")
	row.Nemesis = waiting{}
	if _, err := engine.Run(t.Context(), row, cfg); err == nil || !strings.Contains(err.Error(), "the scissors are blunt") {
		t.Error(err)
	}
}
