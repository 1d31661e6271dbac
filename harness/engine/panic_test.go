package engine_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// brittle is a workload that panics where it is told to.
type brittle struct {
	bump
	client, check bool
}

func (b brittle) Client(id int, r *rand.Rand) harness.Client {
	if b.client && id == 2 {
		panic("no client")
	}
	return b.bump.Client(id, r)
}

func (b brittle) Checks() []harness.Checker {
	if !b.check {
		return nil
	}
	return []harness.Checker{{Name: "brittle", Check: func(context.Context, *harness.History) harness.Finding {
		panic("no check")
	}}}
}

// TestPanic: a panic in code of the user's, wherever it is, ends the row with an error that says where, closes all sessions, and
// leaves no goroutine behind (goleak).
func TestPanic(t *testing.T) {
	ok := func(context.Context, *harness.Op) harness.Result { return harness.Result{Outcome: harness.OK} }
	ends := func(do func()) func(context.Context, *harness.Op) harness.Result {
		return func(_ context.Context, op *harness.Op) harness.Result {
			if harness.OpSeq(op.ID) == 3 {
				do()
			}
			return harness.Result{Outcome: harness.OK}
		}
	}
	for name, c := range map[string]struct {
		do       func(context.Context, *harness.Op) harness.Result
		workload harness.Workload
		says     string
		burst    bool
		sessions int64
	}{
		"buy":             {do: ends(func() { panic("no buy") }), workload: bump{}, says: "panicked: no buy", sessions: 8},
		"buy, in a burst": {do: ends(func() { panic("no buy") }), workload: bump{}, says: "panicked: no buy", burst: true, sessions: 8},
		"t.Fatal":         {do: ends(runtime.Goexit), workload: bump{}, says: "return an error instead", burst: true, sessions: 8},
		"client":          {do: ok, workload: brittle{client: true}, says: "panicked: no client", sessions: 2},
		"check":           {do: ok, workload: brittle{check: true}, says: "panicked: no check", sessions: 8},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{do: c.do}
			cfg := config(8, 1000)
			cfg.Burst = c.burst
			rep, err := engine.Run(t.Context(), engine.Row{Workload: c.workload, Target: s}, cfg)
			var panicked *engine.PanicError
			if !errors.As(err, &panicked) || !strings.Contains(err.Error(), c.says) || !strings.Contains(string(panicked.Stack), "panic_test.go") {
				t.Errorf("the error is %v", err)
			}
			if rep == nil || rep.Verdict != harness.Inconclusive {
				t.Errorf("the report is %+v", rep)
			}
			if got := s.closed.Load(); got != c.sessions {
				t.Errorf("%d sessions were closed, want %d", got, c.sessions)
			}
		})
	}
}

// TestInterruptIsBounded: attempts that do not end are given up some time after the interrupt, however long one may take.
func TestInterruptIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		s := &script{do: func(ctx context.Context, _ *harness.Op) harness.Result {
			<-ctx.Done()
			return harness.Result{Outcome: harness.Unknown, Err: ctx.Err()}
		}}
		cfg := config(4, 0)
		cfg.Timeout, cfg.Duration = time.Hour, 2*time.Hour
		time.AfterFunc(time.Second, interrupt)
		from := time.Now()
		_, err := engine.Run(ctx, engine.Row{Workload: bump{}, Target: s}, cfg)
		if took := time.Since(from); !errors.Is(err, context.Canceled) || took > time.Minute {
			t.Errorf("it ended after %v with %v", took, err)
		}
		if got := s.closed.Load(); got != 4 {
			t.Errorf("%d sessions were closed, want 4", got)
		}
	})
}
