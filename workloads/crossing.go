package workloads

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// crossing are scenarios for transactions over cells that hold no numbers: two that read a cell and then put a value into it, two
// of which each reads what the other writes, and one that reads twice beside one that writes. put makes the step.
func crossing(w harness.Workload, put func(cell harness.Cell, value int64) harness.Step) []store.Scenario {
	read := func(c harness.Cell) harness.Step { return harness.Step{Kind: harness.Read, Cells: []harness.Cell{c}} }
	txn := func(steps ...harness.Step) harness.Op { return harness.Op{Name: "txn", Steps: steps} }
	return []store.Scenario{
		{About: "two that read and write the same", Workload: w, Ops: []harness.Op{txn(read(0), put(0, 1)), txn(read(0), put(0, 2))}},
		{About: "two that read what the other writes", Workload: w, Ops: []harness.Op{txn(read(0), put(1, 1)), txn(read(1), put(0, 2))}},
		{About: "one that writes twice, and one that reads", Workload: w, Ops: []harness.Op{txn(put(0, 1), put(1, 2)), txn(read(1), read(0))}},
	}
}

func appending(cell harness.Cell, value int64) harness.Step {
	return harness.Step{Kind: harness.Append, Cell: cell, Value: value}
}

func writing(cell harness.Cell, value int64) harness.Step {
	return harness.Step{Kind: harness.Write, Cell: cell, Value: value}
}

// Scenarios are transactions that cross each other.
func (w *appendTo) Scenarios() []store.Scenario {
	return crossing(must(newAppend(Config{Cells: 2})), appending)
}

// Scenarios are transactions that cross each other.
func (w *register) Scenarios() []store.Scenario {
	return crossing(must(newRegister(Config{Cells: 2})), writing)
}

// Scenarios are transactions that cross each other.
func (w *predicate) Scenarios() []store.Scenario {
	return crossing(must(newPredicate(Config{Cells: 2})), appending)
}
