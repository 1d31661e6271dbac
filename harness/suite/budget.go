package suite

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// share is what a row has of the table's time: its own, and what it lends to rows that are undecided when theirs is up.
type share struct{ own, lent time.Duration }

// The shares of rows that nobody gave a time. What is decided early lends its rest, too.
var (
	embeddedShare    = share{500 * time.Millisecond, 1500 * time.Millisecond}
	serverShare      = share{2 * time.Second, time.Second}
	environmentShare = share{4 * time.Second, time.Second}      // a lock or a fault makes everything slower
	killShare        = share{10 * time.Second, 2 * time.Second} // a server that was killed takes seconds to come back
	forkShare        = share{4 * time.Second, 26 * time.Second} // two servers disagree for a moment, and a client of each must look meanwhile
)

// setBudgets gives each row its time: what all rows have together is divided among them, and half of it is lent.
func setBudgets(cfg *Config, rows []*Row) {
	n := time.Duration(max(runnable(rows)*cfg.runs(), 1))
	for _, row := range rows {
		s := row.usualShare()
		switch {
		case row.Skip != "":
			continue
		case cfg.Each.Duration > 0 && cfg.Each.Ops == 0 && row.Control: // it ends when it is caught
			s.own = min(s.own, cfg.Each.Duration)
			s.lent = cfg.Each.Duration - s.own
		case cfg.Each.Duration > 0:
			s = share{own: cfg.Each.Duration}
		case cfg.Budget > 0 && cfg.lends():
			s = share{cfg.Budget / n / 2, cfg.Budget / n / 2}
		case cfg.Budget > 0:
			s = share{own: cfg.Budget / n}
		case !cfg.lends():
			s.lent = 0
		}
		row.Budget, row.plan.lent = s.own, s.lent
	}
}

// lends reports whether rows may take longer than their own time: not where their length is given, nor where they are repeated, since
// all repeats are as long as each other.
func (c *Config) lends() bool { return c.Each.Duration == 0 && c.Each.Ops == 0 && c.runs() == 1 }

// usualShare is the share of such a row. Where models are judged, an engine in this process gets no less than others: it makes its
// transactions wait for each other, and few of them meet.
func (r *Row) usualShare() share {
	traits := r.Environment.Traits()
	switch {
	case traits.Kills, traits.Unlocks:
		return killShare
	case r.Expected != nil && r.Expected.Floor != "":
		return forkShare
	case r.Environment.Any():
		return environmentShare
	case r.plan.server.Spec.Engine.Embedded && r.Expected != nil && r.Expected.Model == "":
		return embeddedShare
	}
	return serverShare
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

// mostBorrowed is the part of what is lent that one row may take: one that never shows anything leaves the rest to others.
const mostBorrowed = 4

// config is how the row runs for the given time (from 0).
func (t *Table) config(row *Row, run int) engine.Config {
	cfg := t.cfg.Each
	cfg.Concurrency, cfg.Budget, cfg.Rate = row.Clients, row.Budget, row.Rate
	cfg.Seed += uint64(run)
	switch {
	case cfg.Duration > 0 && cfg.Ops == 0 && row.Control:
		cfg.Duration, cfg.Reserve = 0, row.plan.lent
	case cfg.Duration > 0 || cfg.Ops > 0:
	case t.cfg.runs() > 1:
		cfg.Duration = row.Budget // as long as the others, so that they can be compared
	case row.plan.last && !t.sweepDecided(row):
		cfg.Reserve = max(t.lent/time.Duration(min(mostBorrowed, t.left())), t.cfg.Each.Reserve)
	}
	return cfg
}

// left is how many rows have not run yet, at least 1.
func (t *Table) left() int {
	n := 0
	for _, row := range t.Rows {
		if row.Skip == "" && row.Report == nil && row.Err == nil {
			n++
		}
	}
	return max(n, 1)
}

// settle lends what the row left over of its time, or takes what it borrowed: it began at that time, set-up and checks included.
func (t *Table) settle(row *Row, began time.Time) {
	t.lent += row.Budget + rowOverhead - time.Since(began)
}

// sweepDecided reports whether another step of the row's sweep decides it.
func (t *Table) sweepDecided(row *Row) bool {
	for _, r := range t.Rows {
		if r != row && r.sameSweep(row) && (r.Verdict() == harness.Unsafe || r.Verdict() == harness.Safe) {
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
			d += time.Duration(t.cfg.runs())*(row.Budget+rowOverhead) + row.plan.lent
		}
	}
	return d
}
