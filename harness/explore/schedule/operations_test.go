package schedule_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
)

const operations = `name: seats
isolation: read-committed
workload: seats
scenario: 2 buyers, 1 seat
strategy: naive-tx
order: 0 1 1 1 1 0 0 0
rule: broken
`

func TestOperations(t *testing.T) {
	s, err := schedule.Parse("a.operations", []byte(operations))
	if err != nil {
		t.Fatal(err)
	}
	o := s.Operations
	if o == nil || o.Scenario != "2 buyers, 1 seat" || o.Rule != schedule.Broken || !slices.Equal(o.Order, []int{0, 1, 1, 1, 1, 0, 0, 0}) {
		t.Errorf("%+v", o)
	}
	var b strings.Builder
	if err := schedule.Write(&b, s); err != nil || b.String() != operations {
		t.Errorf("%v, written again as\n%s", err, b.String())
	}
}

func TestOperationsMistakes(t *testing.T) {
	for _, c := range []struct{ from, to, says string }{
		{"order: 0 1 1 1 1 0 0 0\n", "", "a.operations: it has no order"},
		{"strategy: naive-tx\n", "", "it has no strategy"},
		{"order: 0 1", "order: 0 one", `a.operations:6: order: "one" is not a client`},
		{"order: 0 1", "order: 0 -1", "is not a client"},
		{"rule: broken", "rule: bent", `a.operations:7: rule: is "bent", must be kept or broken`},
		{"rule: broken\n", "invariants:\n  SELECT 1\n", "a.operations:7: invariants: is for schedules of statements, and this one has operations (workload:), which their workload judges; leave it out"},
		{"name: seats\n", "ignore: log\n", "a.operations:1: ignore: is for schedules of statements"},
		{"rule: broken\n", "steps:\n  T1 BEGIN\n", "a.operations:7: steps: is for schedules of statements"},
	} {
		text := strings.Replace(operations, c.from, c.to, 1)
		if _, err := schedule.Parse("a.operations", []byte(text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q for %q: %v, want %q", c.to, c.from, err, c.says)
		}
	}
}

// TestOperationsExpire: an exclamation mark has a statement run into its lock time-out.
func TestOperationsExpire(t *testing.T) {
	const text = "workload: transfer\nscenario: two\nstrategy: naive-tx\norder: 0 1 1! 0\n"
	s := parsed(t, text)
	if want := []int{0, 1, 1 + explore.Expire, 0}; !slices.Equal(s.Operations.Order, want) {
		t.Errorf("%v, want %v", s.Operations.Order, want)
	}
	var b strings.Builder
	if err := schedule.Write(&b, s); err != nil || b.String() != text {
		t.Errorf("%v: %q", err, b.String())
	}
}
