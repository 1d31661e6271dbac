package check_test

import (
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
)

// TestProgressOvercome: who got over three seconds of failures before is not stuck after four.
func TestProgressOvercome(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after int // seconds of failures, before the last answer and after it
		stuck         int64
	}{{"nothing overcome", 0, 4, 1}, {"as much overcome", 3, 4, 0}, {"far more than was overcome", 3, 9, 1}, {"too short", 0, 1, 0}} {
		log := &harness.Log{Process: 1}
		at := int64(0)
		add := func(outcome harness.Outcome, seconds int) {
			for range max(1, 5*seconds) {
				begin := at
				at += int64(200 * time.Millisecond)
				log.Append(harness.Record{Invoke: begin, Begin: begin, End: at, Tries: 1, Outcome: outcome},
					harness.Access{Kind: harness.Writes, Delta: -1, Value: harness.NotSeen, Version: harness.NotSeen})
			}
		}
		add(harness.OK, 0)
		add(harness.Failed, c.before)
		add(harness.OK, 0)
		add(harness.Failed, c.after)
		f := check.Progress().Check(t.Context(), &harness.History{Start: harness.State{Values: []int64{100}}, Logs: []*harness.Log{log}})
		if f.Measure != c.stuck {
			t.Errorf("%s: %d cells are stuck, want %d: %+v", c.name, f.Measure, c.stuck, f)
		}
	}
}
