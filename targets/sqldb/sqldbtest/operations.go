package sqldbtest

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

const (
	cells = 4 // of each table
	units = 3 // that each cell starts with
)

// operation is one operation, and the tables that it is for.
type operation struct {
	name   string
	start  harness.State
	op     harness.Op
	env    store.Env
	alike  bool // every strategy does the same
	guards int  // that may refuse it
}

func operations() []operation {
	stock := harness.Group{Table: "stock", Column: "available", Len: cells, Claims: "ticket"}
	account := harness.Group{Table: "account", Column: "balance", Len: cells}
	seats := harness.NewState(stock, "orders", units)
	bank := harness.NewState(account, "entry", units)
	shop := harness.NewState(harness.Group{Table: "stock", Column: "available", Len: cells}, "entry", units).With(account, units)
	guard := func(cs ...harness.Cell) harness.Guard { return harness.Guard{Cells: cs} }
	add := func(c harness.Cell, delta int64, g harness.Guard) harness.Step {
		return harness.Step{Kind: harness.Add, Cell: c, Delta: delta, Guard: g}
	}
	read := func(cs ...harness.Cell) harness.Step { return harness.Step{Kind: harness.Read, Cells: cs} }
	call := harness.Step{Kind: harness.Call, Service: "payment", Outcome: harness.OK}
	contents := func(holds harness.Content) harness.State {
		return harness.NewState(harness.Group{Table: "kept", Column: "v", Len: cells, Holds: holds}, "", 0)
	}
	return []operation{
		{name: "buy", start: seats, guards: 1, op: steps(add(1, -1, guard(1)))},
		{name: "cancel", start: seats, op: harness.Op{ID: 9, Undoes: 5, Steps: []harness.Step{add(1, 1, harness.Guard{})}}},
		// From the higher cell to the lower one: so it shows who locks in which order.
		{name: "transfer", start: bank, guards: 1, op: steps(add(2, -1, guard(2)), add(0, 1, harness.Guard{}))},
		{name: "withdraw from a joint account", start: bank, guards: 1, op: steps(add(1, -1, guard(0, 1)))},
		{name: "checkout", start: shop, guards: 2, op: steps(add(1, -1, guard(1)), call, add(cells, -1, guard(cells)))},
		{name: "transfer with a fence", start: bank, env: store.Env{Fenced: true}, op: steps(add(2, -1, guard(2)), add(0, 1, harness.Guard{}))},
		{name: "transfer with a request id", start: bank, env: store.Env{Keyed: true}, op: steps(add(2, -1, guard(2)), add(0, 1, harness.Guard{}))},
		{name: "read all", start: bank, alike: true, op: steps(read(0, 1, 2, 3))},
		{name: "read twice", start: bank, alike: true, op: steps(read(2), read(0))},
		{name: "transaction over registers", start: contents(harness.Registers), op: steps(
			read(0, 2), harness.Step{Kind: harness.Write, Cell: 1, Value: 5})},
		{name: "transaction over lists", start: contents(harness.Lists), op: steps(
			read(0), harness.Step{Kind: harness.Append, Cell: 1, Value: 5})},
		{name: "transaction over rows", start: contents(harness.Rows), op: steps(
			read(0), harness.Step{Kind: harness.Append, Cell: 1, Value: 5})},
	}
}

func steps(all ...harness.Step) harness.Op { return harness.Op{ID: 9, Name: "op", Steps: all} }
