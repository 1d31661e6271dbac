package engine_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a target whose sessions answer what a function says.
type script struct {
	do     func(ctx context.Context, op *harness.Op) harness.Result
	closed atomic.Int64
	err    error // of Session
}

func (s *script) Setup(context.Context, harness.State) error { return nil }
func (s *script) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	if s.err != nil {
		return nil, s.err
	}
	return scriptSession{s}, nil
}
func (s *script) Snapshot(context.Context) (harness.State, error) { return bump{}.Init(), nil }
func (s *script) Close() error                                    { return nil }

type scriptSession struct{ s *script }

func (s scriptSession) Do(ctx context.Context, op *harness.Op) harness.Result { return s.s.do(ctx, op) }

func (s scriptSession) Close() error { s.s.closed.Add(1); return nil }

// bump is a workload that adds 1 to one cell.
type bump struct{}

func (bump) Name() string { return "bump" }
func (bump) Init() harness.State {
	return harness.NewState(harness.Group{Table: "counter", Column: "value", Len: 1}, "entry", 0)
}
func (bump) Checks() []harness.Checker                 { return nil }
func (bump) Samples() []harness.Op                     { return []harness.Op{{Name: "bump", Steps: bumpSteps}} }
func (bump) Client(_ int, _ *rand.Rand) harness.Client { return &bumper{} }

var bumpSteps = []harness.Step{{Kind: harness.Add, Cell: 0, Delta: 1}}

type bumper struct{ op harness.Op }

func (b *bumper) Next(harness.Answer) *harness.Op {
	b.op = harness.Op{Name: "bump", Steps: bumpSteps}
	return &b.op
}

func config(clients int, ops int64) engine.Config {
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Ops = clients, ops
	return cfg
}

func run(t *testing.T, s harness.Target, cfg engine.Config) (*engine.Report, error) {
	t.Helper()
	return engine.Run(t.Context(), engine.Row{Workload: bump{}, Target: s}, cfg)
}

// TestAttemptsAreCountedOnEveryPath: an operation that gives up counts its attempts and conflicts like one that succeeds.
func TestAttemptsAreCountedOnEveryPath(t *testing.T) {
	var calls atomic.Int64
	s := &script{do: func(_ context.Context, op *harness.Op) harness.Result {
		calls.Add(1)
		switch harness.OpSeq(op.ID) {
		case 1:
			return harness.Result{Outcome: harness.Failed, Conflict: harness.Deadlock} // until it is exhausted
		case 2:
			return harness.Result{Outcome: harness.Failed, Err: errors.New("no use")}
		case 3:
			return harness.Result{Outcome: harness.Rejected}
		}
		return harness.Result{Outcome: harness.OK}
	}}
	cfg := config(1, 5)
	cfg.MaxTries = 3
	rep, err := run(t, s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	a := &rep.Accounting
	if a.Attempts != calls.Load() || a.Attempts != 3+1+1+2 {
		t.Errorf("%d attempts counted, %d made, want 7", a.Attempts, calls.Load())
	}
	if a.Conflicts[harness.Deadlock] != 3 || a.Exhausted != 1 || a.Retried != 1 {
		t.Errorf("conflicts %v, exhausted %d, retried %d", a.Conflicts, a.Exhausted, a.Retried)
	}
	want := [harness.Outcomes]int64{harness.Failed: 2, harness.OK: 2, harness.Rejected: 1}
	if a.Outcomes != want || a.Processed() != 5 {
		t.Errorf("outcomes %v, want %v", a.Outcomes, want)
	}
	if got := a.Latency[harness.OK].Count(); got != 2 {
		t.Errorf("%d ok latencies, want 2", got)
	}
}

// TestOpsAreSharedAmongClients: -n is per row, not per client.
func TestOpsAreSharedAmongClients(t *testing.T) {
	s := &script{do: func(context.Context, *harness.Op) harness.Result { return harness.Result{Outcome: harness.OK} }}
	rep, err := run(t, s, config(7, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if got := rep.Accounting.Processed(); got != 1000 {
		t.Errorf("%d operations, want 1000", got)
	}
	if rep.History.Len() != 1000 || s.closed.Load() != 7 {
		t.Errorf("%d recorded, %d sessions closed", rep.History.Len(), s.closed.Load())
	}
}

// TestUnknownMakesANewProcess: the next operation of the client must not look as if it came after the unknown one's end.
func TestUnknownMakesANewProcess(t *testing.T) {
	first := true
	s := &script{do: func(context.Context, *harness.Op) harness.Result {
		if first {
			first = false
			return harness.Result{Outcome: harness.Unknown, Err: errors.New("cut off")}
		}
		return harness.Result{Outcome: harness.OK}
	}}
	rep, err := run(t, s, config(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	logs := rep.History.Logs
	if len(logs) != 2 || logs[0].Len() != 1 || logs[1].Len() != 2 || logs[1].Process == logs[0].Process {
		t.Fatalf("logs: %+v", logs)
	}
	if len(logs[0].Errors) != 1 || logs[0].Errors[logs[0].At(0).ID] != "cut off" {
		t.Errorf("errors %v", logs[0].Errors)
	}
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &script{}
	s.do = func(opCtx context.Context, op *harness.Op) harness.Result {
		if harness.OpSeq(op.ID) == 50 {
			cancel()
			runtime.Gosched()
		}
		if opCtx.Err() != nil {
			t.Error("an operation under way was torn")
		}
		return harness.Result{Outcome: harness.OK}
	}
	cfg := config(2, 0)
	cfg.Duration = time.Hour
	rep, err := engine.Run(ctx, engine.Row{Workload: bump{}, Target: s}, cfg)
	if !errors.Is(err, context.Canceled) || rep == nil || rep.Accounting.Processed() < 50 {
		t.Fatalf("report %v, error %v", rep, err)
	}
}

func TestServerGoneEndsTheRow(t *testing.T) {
	s := &script{do: func(_ context.Context, op *harness.Op) harness.Result {
		if harness.OpSeq(op.ID) > 10 {
			return harness.Result{Outcome: harness.Failed, Err: harness.ErrServerLost}
		}
		return harness.Result{Outcome: harness.OK}
	}}
	cfg := config(4, 0)
	cfg.Duration = time.Hour
	rep, err := run(t, s, cfg)
	if !errors.Is(err, harness.ErrServerLost) || rep == nil || rep.Accounting.Outcomes[harness.OK] == 0 {
		t.Fatalf("report %v, error %v", rep, err)
	}
}

func TestNothingSucceededIsAnError(t *testing.T) {
	full := errors.New("disk full")
	s := &script{do: func(context.Context, *harness.Op) harness.Result {
		return harness.Result{Outcome: harness.Failed, Err: full}
	}}
	rep, err := run(t, s, config(4, 100))
	if !errors.Is(err, engine.ErrNothingWorked) || rep == nil {
		t.Fatalf("report %v, error %v", rep, err)
	}
}

// TestServiceDownIsNoFailureOfTheStore: operations that fail because an outside service is down are tried once, counted by
// themselves, and are no reason to call the row broken.
func TestServiceDownIsNoFailureOfTheStore(t *testing.T) {
	call := harness.Step{Kind: harness.Call, Service: "payment", Outcome: harness.Failed}
	s := &script{do: func(context.Context, *harness.Op) harness.Result {
		return harness.Result{Outcome: harness.Failed, Err: call.Answer()}
	}}
	rep, err := run(t, s, config(4, 100))
	if err != nil || rep.Failure != nil {
		t.Fatalf("failure %v, error %v", rep.Failure, err)
	}
	if a := &rep.Accounting; a.Down != 100 || a.Outcomes[harness.Failed] != 100 || a.Attempts != 100 {
		t.Errorf("%d down, outcomes %v, %d attempts", a.Down, a.Outcomes, a.Attempts)
	}
}

func TestSessionsAreClosedWhenOneCannotBeOpened(t *testing.T) {
	s := &script{err: errors.New("no more")}
	if _, err := run(t, s, config(4, 100)); !errors.Is(err, s.err) {
		t.Fatal(err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	cfg := config(1, 0)
	for _, bad := range []func(*engine.Config){
		func(c *engine.Config) { c.Concurrency = 0 },
		func(c *engine.Config) { c.MaxTries = 0 },
		func(c *engine.Config) { c.Budget = 0 },
		func(c *engine.Config) { c.MinTrials = 0 },
		func(c *engine.Config) { c.Ops = -1 },
		func(c *engine.Config) { c.Timeout = -1 },
	} {
		c := cfg
		bad(&c)
		if err := c.Validate(); !errors.Is(err, engine.ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestMemoryBounds: a row that records more than may be kept ends, says so, and is judged by what it has; one that only counts goes on.
func TestMemoryBounds(t *testing.T) {
	slow := &script{do: func(context.Context, *harness.Op) harness.Result {
		time.Sleep(time.Millisecond)
		return harness.Result{Outcome: harness.OK}
	}}
	synctest.Test(t, func(t *testing.T) {
		cfg := engine.DefaultConfig()
		cfg.Concurrency, cfg.Duration, cfg.MaxRecorded = 4, time.Minute, 1000
		r, err := engine.Run(t.Context(), engine.Row{Workload: bump{}, Target: slow}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if n := r.Accounting.Processed(); !r.Full || n < 1000 || n > 2000 || r.Elapsed > time.Second || r.Reason == "" {
			t.Errorf("full %v after %d operations in %v: %q", r.Full, n, r.Elapsed, r.Reason)
		}
		cfg.Counts = true
		if r, err = engine.Run(t.Context(), engine.Row{Workload: bump{}, Target: slow}, cfg); err != nil || r.Full || r.Elapsed < time.Minute {
			t.Errorf("counted: full %v after %v, %v", r.Full, r.Elapsed, err)
		}
	})
}
