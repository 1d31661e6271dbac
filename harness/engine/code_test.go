package engine_test

import (
	"context"
	"errors"
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
		Run:       func(_ context.Context, _ int, op *harness.Op) harness.Result { return s.sell(op, carefully) },
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

// TestCodePanics: an operation that panics is unknown, and names its client and the line; the others go on, the row ends with the error, and
// what is right otherwise is not called safe.
func TestCodePanics(t *testing.T) {
	seats, err := workloads.New("seats", workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	code := (&counterShop{}).code(true)
	sell := code.Run
	clients := map[int]bool{}
	var mu sync.Mutex
	code.Run = func(ctx context.Context, client int, op *harness.Op) harness.Result {
		mu.Lock()
		clients[client] = true
		mu.Unlock()
		if client == 3 && harness.OpSeq(op.ID) == 5 {
			panic("no seat plan")
		}
		return sell(ctx, client, op)
	}
	cfg := config(4, 400)
	cfg.Burst = true // all clients have their turn
	report, err := engine.Run(t.Context(), engine.Row{Workload: seats, Target: code}, cfg)
	var panicked *engine.PanicError
	if !errors.As(err, &panicked) || !strings.HasPrefix(panicked.At, "code_test.go:") || !strings.HasPrefix(panicked.In, "client 3, at its operation 5") {
		t.Fatalf("the error is %v", err)
	}
	a := &report.Accounting
	if n := a.Outcomes[harness.Unknown]; n == 0 || a.Outcomes[harness.OK] == 0 || a.Processed() != 400 {
		t.Errorf("%d of %d operations are unknown", n, a.Processed())
	}
	if report.Verdict != harness.Inconclusive {
		t.Errorf("the verdict is %s: %s", report.Verdict, report.Reason)
	}
	if len(clients) != 4 || !clients[0] || !clients[3] {
		t.Errorf("the clients were %v", clients)
	}
}
