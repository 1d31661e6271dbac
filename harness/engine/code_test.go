package engine_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/workloads"
)

// counterShop sells from counters, and keeps no orders at all.
type counterShop struct {
	mu   sync.Mutex
	left []int64
}

// sell adds n to an item's stock; carefully looks and takes under one lock, otherwise under two.
func (s *counterShop) sell(op *harness.Op, carefully bool) harness.Result {
	item, n := op.Steps[0].Cell, op.Steps[0].Delta
	s.mu.Lock()
	left := s.left[item]
	if !carefully {
		s.mu.Unlock()
		runtime.Gosched()
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	if left+n < 0 {
		return harness.Result{Outcome: harness.Rejected}
	}
	s.left[item] = left + n
	return harness.Result{Outcome: harness.OK}
}

func (s *counterShop) code(carefully bool) *engine.Code {
	return &engine.Code{
		NoJournal: true,
		Reset:     func(_ context.Context, start harness.State) error { s.left = slices.Clone(start.Values); return nil },
		Run:       func(_ context.Context, op *harness.Op) harness.Result { return s.sell(op, carefully) },
		Read:      func(_ context.Context, final *harness.State) error { final.Values = slices.Clone(s.left); return nil },
	}
}

// TestNoJournal: a shop without a journal is judged by what clients were told. A correct one is safe, and the report says what was
// not checked; one that loses updates is caught.
func TestNoJournal(t *testing.T) {
	for _, carefully := range []bool{true, false} {
		seats, err := workloads.New("seats", workloads.Config{})
		if err != nil {
			t.Fatal(err)
		}
		cfg := engine.DefaultConfig()
		cfg.Reserve = time.Minute // until it is decided
		report, err := engine.Run(t.Context(), engine.Row{Workload: seats, Target: (&counterShop{}).code(carefully)}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		want := harness.Unsafe
		if carefully {
			want = harness.Safe
		}
		if report.Verdict != want {
			t.Errorf("carefully %t: %s: %s", carefully, report.Verdict, report.Reason)
		}
		if carefully && !strings.Contains(report.Reason, "keeps no journal, so not checked: journal") {
			t.Errorf("the reason does not say what was not checked: %s", report.Reason)
		}
	}
}
