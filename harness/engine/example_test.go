package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/workloads"
)

// shop is the code under test: each access is locked, the sale as a whole is not.
type shop struct {
	mu     sync.Mutex
	left   []int64
	orders []harness.Entry
}

func (s *shop) add(op *harness.Op) bool {
	item, n := op.Steps[0].Cell, op.Steps[0].Delta
	s.mu.Lock()
	left := s.left[item]
	s.mu.Unlock()
	if left+n < 0 {
		return false // sold out
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[item] = left + n
	s.orders = append(s.orders, harness.Entry{Op: op.ID, Cell: item, Delta: n})
	return true
}

func ExampleCode() {
	s := &shop{}
	seats, _ := workloads.New("seats", workloads.Config{})
	target := &engine.Code{
		Reset: func(_ context.Context, start harness.State) error { s.left = start.Values; return nil },
		Run: func(_ context.Context, _ int, op *harness.Op) harness.Result {
			if s.add(op) {
				return harness.Result{Outcome: harness.OK}
			}
			return harness.Result{Outcome: harness.Rejected}
		},
		Read: func(_ context.Context, final *harness.State) error {
			final.Values, final.Entries = slices.Clone(s.left), slices.Clone(s.orders)
			return nil
		},
	}
	cfg := engine.DefaultConfig()
	cfg.Reserve = time.Minute // until it is decided
	report, err := engine.Run(context.Background(), engine.Row{Workload: seats, Target: target}, cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Verdict)
	// Output: unsafe
}
