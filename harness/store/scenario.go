package store

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// Scenario is a small situation in which something can go wrong: a start state, and an operation for each client. Where stress
// meets such situations by chance, explore runs all that can come of one.
type Scenario struct {
	About    string           // in a few words: two buyers, one seat
	Workload harness.Workload // its start state and its invariants
	Ops      []harness.Op     // one a client
	Shows    promise.Hazards  // that it is made to show; those that a row lets through are run first
	Holds    []harness.Cell   // that a bystander locks for a moment; empty: there is none
}

// Staged is an optional capability of a Workload: scenarios that can break every strategy whose promise is unsafe, those with the
// fewest clients first.
type Staged interface {
	Scenarios() []Scenario
}
