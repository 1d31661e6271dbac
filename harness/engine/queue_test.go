package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// pooled is a target whose clients share two connections.
type pooled struct{ *script }

func (pooled) Connections() int { return 2 }

// TestQueueIsApart: of clients that share connections, the wait for one is counted apart from the server's time, in the order in which
// they came, and no attempt's time runs out while it waits.
func TestQueueIsApart(t *testing.T) {
	const work = 100 * time.Millisecond
	var now, most atomic.Int64
	s := &script{do: func(ctx context.Context, _ *harness.Op) harness.Result {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		select {
		case <-time.After(work):
			return harness.Result{Outcome: harness.OK}
		case <-ctx.Done():
			return harness.Result{Outcome: harness.Failed, Err: ctx.Err()}
		}
	}}
	cfg := config(10, 160) // 16 for each client
	cfg.Timeout = work * 3 / 2
	a := &onTime(t, pooled{s}, cfg).Accounting
	if a.Outcomes[harness.OK] != 160 || most.Load() != 2 {
		t.Fatalf("outcomes %v with %d at once, want 160 ok with 2 at once", a.Outcomes, most.Load())
	}
	about := func(name string, got, want time.Duration) {
		t.Helper()
		if got < want*9/10 || got > want*11/10 {
			t.Errorf("%s is %v, want about %v", name, got, want)
		}
	}
	about("the median of the server's time", a.Served.Quantile(0.5), work)
	about("the longest of the server's time", a.Served.Max(), work)
	about("the median wait", a.Queue.Quantile(0.5), 4*work) // eight others are served before, two at a time
	about("the longest wait", a.Queue.Max(), 4*work)
	about("the median latency", a.Latency[harness.OK].Quantile(0.5), 5*work)
	if a.Queue.Count() != 160 || a.Queued < 150*3*work {
		t.Errorf("%d waits of %v in all", a.Queue.Count(), a.Queued)
	}
}

// TestNoQueue: where each client has a connection, nothing is counted apart.
func TestNoQueue(t *testing.T) {
	a := &onTime(t, pooled{takes(2 * time.Millisecond)}, config(2, 20)).Accounting
	if a.Outcomes[harness.OK] != 20 || a.Queue.Count() != 0 || a.Served.Count() != 0 {
		t.Errorf("%v, %d waits, %d services", a.Outcomes, a.Queue.Count(), a.Served.Count())
	}
}

// TestQueueEndsWithTheRun: clients that wait for a connection when the run is given up do not begin.
func TestQueueEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{}, 1)
	s := &script{do: func(ctx context.Context, _ *harness.Op) harness.Result {
		select {
		case begun <- struct{}{}:
			cancel()
		default:
		}
		<-ctx.Done()
		return harness.Result{Outcome: harness.Unknown, Err: ctx.Err()}
	}}
	rep, err := engine.Run(ctx, engine.Row{Workload: bump{}, Target: pooled{s}}, config(10, 100))
	if err == nil || rep == nil {
		t.Fatalf("report %v, error %v; want both", rep, err)
	}
	if n := rep.Accounting.Outcomes[harness.Unknown]; n > 4 {
		t.Errorf("%d operations began, want those that had a connection", n)
	}
}
