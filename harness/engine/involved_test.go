package engine

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestInvolved: operations are shown in the order in which they began, once, with what they found; those that are not recorded, and turns of a
// schedule, are not.
func TestInvolved(t *testing.T) {
	h := &harness.History{Names: []string{"buy"}, Start: harness.State{Values: []int64{20}}, Logs: []*harness.Log{{Process: 3}, {Process: 7}}}
	for i, log := range h.Logs {
		log.Append(harness.Record{Invoke: int64(20 - 10*i), End: int64(30 + i), Outcome: harness.OK},
			harness.Access{Kind: harness.Writes, Delta: -1, Value: 20, Version: 4})
	}
	var ids []int64
	for r := range h.Ops() {
		ids = append(ids, r.ID)
	}
	got := involved(h, append(ids, ids[0], 1<<40))
	if len(got) != 2 || got[0].Client != 7 || got[1].Client != 3 || got[0].From != 10 || got[0].To != 31 || got[0].Operation != "buy" || got[0].Answer != "ok" {
		t.Fatalf("%+v", got)
	}
	if want := "found 20 in " + h.Start.CellName(0) + " (version 4), -1"; got[0].Did != want {
		t.Errorf("%q, want %q", got[0].Did, want)
	}
	h.Turn = 5
	if got := involved(h, ids); got != nil {
		t.Errorf("of a schedule: %+v", got)
	}
}
