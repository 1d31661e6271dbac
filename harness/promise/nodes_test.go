package promise

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestNodes: on several servers, locks protect only rows that are also written, and locks by name nothing.
func TestNodes(t *testing.T) {
	guarded := func(cells ...harness.Cell) []harness.Op {
		return []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: cells}}}}}
	}
	own, others := guarded(0), guarded(0, 1)
	one := Isolation{Level: harness.RepeatableRead, Prevents: HazardSet(G0, Dirty, OTV, PMP, GSingle), TxSnapshot: true}
	nodes := one
	nodes.Nodes = true
	lock := Effect{Name: "lock", Prevents: Serialized(false)}
	waits := Effect{Name: "reads that wait", Causes: Elsewhere(false), Fresh: true}
	for _, c := range []struct {
		name    string
		plan    Plan
		ops     []harness.Op
		iso     Isolation
		effects []Effect
		missing Hazards
	}{
		{"a lock on what is written", Plan{Cover: Locked}, own, nodes, nil, 0},
		{"a lock on what is only read", Plan{Cover: Locked}, others, nodes, nil, HazardSet(G2Item)},
		{"the same on one server", Plan{Cover: Locked}, others, one, nil, 0},
		{"a lock by name", Plan{Cover: Locked, Named: true}, own, nodes, nil, HazardSet(P4)},
		{"the same on one server", Plan{Cover: Locked, Named: true}, own, one, nil, 0},
		{"a compared version", Plan{Cover: Compared}, others, nodes, nil, 0},
		{"no protection", Plan{Cover: Plain}, own, nodes, nil, HazardSet(P4)},
		{"a lock around it, and then a read of another server", Plan{Cover: Plain}, own, nodes, []Effect{lock}, HazardSet(P4)},
		{"the same on one server", Plan{Cover: Plain}, own, one, []Effect{lock}, 0},
		{"a lock around reads that wait", Plan{Cover: Plain}, others, nodes, []Effect{waits, lock}, 0},
		{"reads that wait, and no lock", Plan{Cover: Plain}, own, nodes, []Effect{waits}, HazardSet(P4, Split)},
	} {
		if got := Of(c.plan, c.ops, "a store", c.iso, c.effects...); got.Missing != c.missing || got.Safe != (c.missing == 0) {
			t.Errorf("%s: %s lets %s through, want %s", c.name, got.Short, got.Missing, c.missing)
		}
	}
}
