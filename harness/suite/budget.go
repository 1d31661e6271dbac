package suite

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// How long a row takes that nobody gave a time.
const (
	embeddedBudget    = 500 * time.Millisecond
	serverBudget      = 2 * time.Second
	environmentBudget = 4 * time.Second  // a lock or a fault makes everything slower
	killBudget        = 10 * time.Second // a server that was killed takes seconds to come back
)

// setBudgets gives each row its time: what all rows have together is divided among them.
func setBudgets(cfg *Config, rows []*Row) {
	n := runnable(rows)
	for _, row := range rows {
		switch {
		case row.Skip != "":
		case cfg.Each.Duration > 0:
			row.Budget = cfg.Each.Duration
		case cfg.Budget > 0:
			row.Budget = cfg.Budget / time.Duration(max(n*cfg.runs(), 1))
		default:
			row.Budget = row.usualBudget()
		}
	}
}

// usualBudget is how long a row may take. Where models are judged, an engine in this process gets no less than others: it makes its
// transactions wait for each other, and few of them meet.
func (r *Row) usualBudget() time.Duration {
	traits := r.Environment.Traits()
	switch {
	case traits.Kills, traits.Unlocks:
		return killBudget
	case r.Environment.Any():
		return environmentBudget
	case r.plan.server.Spec.Engine.Embedded && r.Expected.Model == "":
		return embeddedBudget
	}
	return serverBudget
}

// runnable is how many rows will run.
func runnable(rows []*Row) int {
	n := 0
	for _, row := range rows {
		if row.Skip == "" {
			n++
		}
	}
	return n
}

// reserveFactor bounds how much longer than its budget an undecided row may run.
const reserveFactor = 4

// config is how the row runs for the given time (from 0).
func (t *Table) config(row *Row, run int) engine.Config {
	cfg := t.cfg.Each
	cfg.Concurrency, cfg.Budget = row.Clients, row.Budget
	cfg.Seed += uint64(run)
	switch {
	case cfg.Duration > 0 || cfg.Ops > 0:
	case t.cfg.runs() > 1:
		cfg.Duration = row.Budget // as long as the others, so that they can be compared
	case row.plan.last && !t.sweepDecided(row):
		cfg.Reserve = max(min(t.saved, reserveFactor*row.Budget), t.cfg.Each.Reserve)
	}
	return cfg
}

// sweepDecided reports whether another step of the row's sweep decides it.
func (t *Table) sweepDecided(row *Row) bool {
	for _, r := range t.Rows {
		if r != row && r.Label == row.Label && r.Cells == row.Cells && (r.Verdict() == harness.Unsafe || r.Verdict() == harness.Safe) {
			return true
		}
	}
	return false
}

// rowOverhead is about what a row takes besides its load: tables, connections, checks.
const rowOverhead = 200 * time.Millisecond

// AtMost is about how long all runs take at most; 0: not known.
func (t *Table) AtMost() time.Duration {
	var d time.Duration
	if t.cfg.Each.Ops > 0 {
		return 0
	}
	for _, row := range t.Rows {
		if row.Skip == "" {
			d += time.Duration(t.cfg.runs()) * (row.Budget + rowOverhead)
		}
	}
	return d
}
