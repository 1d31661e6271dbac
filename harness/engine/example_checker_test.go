package engine_test

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// atMost is an invariant of a shop's own: no client holds more than n tickets at once.
func atMost(n int64) harness.Checker {
	return harness.Checker{
		Name: "at-most", Rule: fmt.Sprintf("no client holds more than %d tickets", n), Unit: "tickets",
		NeedsOps:  true, // it reads operations, not the store
		NoOverlap: true, // one client alone can break it
		Check: func(_ context.Context, h *harness.History) harness.Finding {
			var f harness.Finding
			held := map[int32]int64{}
			for op := range h.Ops() { // each client's in its own order
				took := tickets(op)
				if took == 0 {
					continue
				}
				who := op.Process()
				held[who] += took
				if over := held[who] - n; took > 0 && over > 0 {
					f.Measure = max(f.Measure, over)
					f.Add(func() string { return fmt.Sprintf("client %d holds %d tickets", who, n+over) })
				}
			}
			return f
		},
		Plant: func(h *harness.History) (*harness.History, bool) {
			for op := range h.Ops() {
				if tickets(op) > 0 {
					return h.Edited(op.ID, func(_ *harness.Record, accesses []harness.Access) { accesses[0].Delta -= n }), true
				}
			}
			return nil, false
		},
	}
}

// tickets is how many the operation certainly gave its client; below 0, how many it may have taken back. In doubt for the
// client: a purchase whose answer is unknown gave nothing, and a cancellation took all.
func tickets(op harness.Recorded) int64 {
	var n int64
	for _, a := range op.Accesses {
		if a.Kind != harness.Reads {
			n -= a.Delta
		}
	}
	if op.Outcome == harness.OK || op.Outcome == harness.Unknown && n < 0 {
		return n
	}
	return 0
}

// bought is the history of one client that bought so many tickets, one by one.
func bought(count int) *harness.History {
	log := &harness.Log{Process: 0}
	for i := range count {
		at := int64(i) * 1000
		log.Append(harness.Record{Invoke: at, Begin: at, End: at + 500, Tries: 1, Outcome: harness.OK},
			harness.Access{Cell: 0, Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen})
	}
	return &harness.History{
		Names: []string{"buy"},
		Start: harness.NewState(harness.Group{Table: "stock", Column: "available", Len: 1}, "orders", 20),
		Logs:  []*harness.Log{log},
	}
}

// A Checker is two functions: one that finds violations, and one that plants a violation, which shows that the first can fail.
func ExampleChecker() {
	ctx, c := context.Background(), atMost(2)
	for _, count := range []int{2, 4} {
		j := engine.Judge(ctx, bought(count), []harness.Checker{c}, nil, nil, 1000)
		fmt.Println(count, "bought:", j.Verdict, j.Results[0].Violations, j.Results[0].Texts)
	}
	planted, ok := c.Plant(bought(2))
	fmt.Println("planted:", ok, c.Check(ctx, planted).Texts)
	// Output:
	// 2 bought: safe 0 []
	// 4 bought: unsafe 2 [client 0 holds 3 tickets client 0 holds 4 tickets]
	// planted: true [client 0 holds 3 tickets client 0 holds 4 tickets]
}
