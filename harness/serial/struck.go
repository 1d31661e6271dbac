package serial

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// Struck reports whether an execution in which faults have struck some of the clients fits: a serial order in which everybody takes part
// who was told ok, and nobody does to whom it does not say the same refusal, leaves the same tables, and tells all others the same. Of
// those who were struck only the kind of their answer counts; who has none may have taken part or not. Orders in which a client takes
// part twice count where twice is allowed.
func (j *Judge) Struck(o *Outcome, struck []bool, twice bool) bool {
	who := make([]bool, len(o.Answers))
	for c := range o.Answers {
		a := &o.Answers[c]
		who[c] = a.Given && !struck[c] && (a.Outcome == harness.OK || a.Outcome == harness.Rejected)
	}
	own := j.canon(o, who, Column{})
	for i := range j.orders {
		order := &j.orders[i]
		if order.allows(o) && (twice || !order.repeats()) && own == order.of(j, who, Column{}) {
			return true
		}
	}
	return false
}

// allows reports whether what clients were told leaves room for the order.
func (o *Order) allows(told *Outcome) bool {
	for c := range told.Answers {
		a, in := &told.Answers[c], slices.Contains(o.Clients, c)
		same := in && o.Runs[0].Answers[c].Outcome == a.Outcome
		switch {
		case !a.Given && in, a.Outcome == harness.OK && a.Given && !same:
			return false
		case a.Given && (a.Outcome == harness.Rejected || a.Outcome == harness.Failed) && in && !same:
			return false
		}
	}
	return true
}

// repeats reports whether a client takes part more than once.
func (o *Order) repeats() bool {
	for i, c := range o.Clients {
		if slices.Contains(o.Clients[:i], c) {
			return true
		}
	}
	return false
}

// SameTable reports whether a table, counted as in Outcome.Tables, holds the same in two executions.
func (j *Judge) SameTable(a, b *Outcome, table int) bool {
	return j.table(a, table) == j.table(b, table)
}

// table is the canonical form of one table.
func (j *Judge) table(o *Outcome, table int) string {
	g := graph{judge: j, keys: j.newKeys(o), colours: map[string]uint64{}}
	for _, r := range o.Tables[table].Rows {
		g.add(&o.Tables[table], r, Column{})
	}
	g.refine()
	return g.String()
}

// mostUncertain bounds the clients without an answer of whom each may have been done or not.
const mostUncertain = 8

// Struck reports whether it is all or nothing for clients who are alike when a fault has struck some: who was told ok has taken part, who
// has no answer may have, and the tables hold what comes of so many. Of answers only their kinds count. Of many clients without one it is
// only looked at how many took part, not who.
func (a *Alike) Struck(o *Outcome) bool {
	done := Answer{Given: true, Outcome: harness.OK}
	var uncertain []int
	least, failed := 0, 0
	bare := &Outcome{Tables: o.Tables, Answers: make([]Answer, len(o.Answers))}
	for c := range o.Answers {
		switch o.Answers[c].Outcome {
		case harness.OK:
			bare.Answers[c] = done
			least++
		case harness.Unknown:
			uncertain = append(uncertain, c)
		case harness.Failed:
			failed++
		}
	}
	most := len(o.Answers) - failed
	if len(uncertain) > mostUncertain {
		return a.fits(o, none, least, most, Column{})
	}
	for set := range 1 << len(uncertain) {
		for bit, c := range uncertain {
			if bare.Answers[c] = (Answer{}); set>>bit&1 == 1 {
				bare.Answers[c] = done
			}
		}
		if a.fits(bare, okKinds, least, most, Column{}) {
			return true
		}
	}
	return false
}
