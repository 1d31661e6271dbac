package promise_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// TestPromisesAround: what components cause and prevent decides with what the strategy needs and the level prevents.
func TestPromisesAround(t *testing.T) {
	buy := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: []harness.Cell{0}}}}}}
	pay := []harness.Op{{Name: "pay", Steps: append([]harness.Step{{Kind: harness.Call, Service: "payment"}}, buy[0].Steps...)}}
	naive, split := promise.Plan{}, promise.Plan{Split: true, Partial: true}
	atomic, optimistic := promise.Plan{Cover: promise.Conditional}, promise.Plan{Cover: promise.Compared}
	rc := promise.Isolation{Level: harness.ReadCommitted, Prevents: promise.HazardSet(promise.G0, promise.Dirty)}
	rr := promise.Isolation{Level: harness.RepeatableRead, Prevents: rc.Prevents | promise.HazardSet(promise.P4), TxSnapshot: true}

	lock := promise.Effect{Name: "lock", Prevents: promise.Serialized(false), Why: "one at a time"}
	faulty := promise.Effect{Name: "lock", Prevents: promise.Serialized(true), Why: "one at a time"}
	broken := promise.Effect{Name: "broken", Causes: promise.HazardSet(promise.Unlocked), Why: "lets others in"}
	cache := promise.Effect{Name: "cache", Causes: promise.Elsewhere(true), Why: "old values"}
	lsn := promise.Effect{Name: "lsn", Causes: promise.Elsewhere(false), Why: "another snapshot"}
	blind := promise.Effect{Name: "blind", Causes: promise.HazardSet(promise.Duplicate), Why: "again"}
	swallow := promise.Effect{Name: "swallow", Causes: promise.HazardSet(promise.LostAck), OnConflict: true, Why: "taken for success"}
	unpaid := promise.Effect{Name: "after", Causes: promise.HazardSet(promise.DualWrite), Why: "paid later"}

	for _, c := range []struct {
		name   string
		plan   promise.Plan
		ops    []harness.Op
		iso    promise.Isolation
		around []promise.Effect
		safe   bool
		by     string
	}{
		{"nothing around", naive, buy, rc, nil, false, ""},
		{"a lock", naive, buy, rc, []promise.Effect{lock}, true, "lock"},
		{"a lock, and halves without a transaction", split, buy, rc, []promise.Effect{faulty}, false, ""},
		{"a lock, and a transaction that is cut", naive, buy, rc, []promise.Effect{faulty}, true, "lock"},
		{"a lock that lets others in", naive, buy, rc, []promise.Effect{broken}, false, "broken"},
		{"a lock that lets others in, and needs not be there", atomic, buy, rc, []promise.Effect{broken}, true, ""},
		{"a cache", naive, buy, rr, []promise.Effect{cache}, false, "cache"},
		{"a cache under a lock", naive, buy, rc, []promise.Effect{cache, lock}, false, "cache"},
		{"a cache whose version is compared", optimistic, buy, rc, []promise.Effect{cache}, true, ""},
		{"a fresh replica", naive, buy, rr, []promise.Effect{lsn}, false, "lsn"},
		{"a fresh replica under a lock", naive, buy, rc, []promise.Effect{lsn, lock}, true, "lock"},
		{"sent twice", atomic, buy, rc, []promise.Effect{blind}, false, "blind"},
		{"a conflict swallowed", optimistic, buy, rc, []promise.Effect{swallow}, false, "swallow"},
		{"no conflict to swallow", atomic, buy, rc, []promise.Effect{swallow}, true, ""},
		{"a service written afterwards", atomic, pay, rc, []promise.Effect{unpaid}, false, "after"},
		{"no service to write", atomic, buy, rc, []promise.Effect{unpaid}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := promise.Of(c.plan, c.ops, "PostgreSQL", c.iso, c.around...)
			if p.Safe != c.safe || p.By != c.by {
				t.Errorf("safe %v by %q (%s), want %v by %q", p.Safe, p.By, p.Reason, c.safe, c.by)
			}
		})
	}
}

// TestRowsWithoutConflicts: where a component acts on conflicts, there are rows only where operations are sure to conflict.
func TestRowsWithoutConflicts(t *testing.T) {
	buy := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: []harness.Cell{0}}}}}}
	read := []harness.Op{buy[0], {Name: "read", Steps: []harness.Step{{Kind: harness.Read, Cells: []harness.Cell{0}}, {Kind: harness.Read, Cells: []harness.Cell{1}}}}}
	naive, atomic, locked := promise.Plan{}, promise.Plan{Cover: promise.Conditional}, promise.Plan{Cover: promise.Locked}
	optimistic := promise.Plan{Cover: promise.Compared}
	rc := promise.Isolation{Level: harness.ReadCommitted, Prevents: promise.HazardSet(promise.G0, promise.Dirty)}
	rr := promise.Isolation{
		Level: harness.RepeatableRead, Prevents: rc.Prevents | promise.HazardSet(promise.P4, promise.PMP, promise.GSingle), TxSnapshot: true,
	}
	lock := promise.Effect{Name: "lock", Prevents: promise.Serialized(false)}
	swallow := promise.Effect{Name: "swallow", Causes: promise.HazardSet(promise.LostAck), OnConflict: true}
	stale := promise.Effect{Name: "stale", Causes: promise.HazardSet(promise.StaleRead), OnConflict: true}
	for _, c := range []struct {
		name   string
		plan   promise.Plan
		ops    []harness.Op
		iso    promise.Isolation
		around []promise.Effect
		row    bool
	}{
		{"no component", atomic, buy, rc, nil, true},
		{"one that conflicts have nothing to do with", atomic, buy, rc, []promise.Effect{lock}, true},
		{"lost updates go through", naive, buy, rc, []promise.Effect{swallow}, false},
		{"lost updates are refused", naive, buy, rr, []promise.Effect{swallow}, true},
		{"stale after lost updates are refused", naive, buy, rr, []promise.Effect{stale}, true},
		{"a lock keeps the others away", naive, buy, rr, []promise.Effect{lock, swallow}, false},
		{"versions are compared", optimistic, buy, rc, []promise.Effect{swallow}, true},
		{"compared versions mind nothing stale", optimistic, buy, rc, []promise.Effect{stale}, false},
		{"rows are locked", locked, buy, rr, []promise.Effect{swallow}, false},
		{"a snapshot refuses nobody", locked, read, rr, []promise.Effect{swallow}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if why := c.plan.SkipIdle(c.ops, c.iso, c.around); (why == "") != c.row {
				t.Errorf("skipped %q, want a row: %v", why, c.row)
			}
		})
	}
}

// TestReadsElsewhere: who rests on a plain read suffers from one that is made elsewhere; a lock mends that, unless the read is old.
func TestReadsElsewhere(t *testing.T) {
	own := []harness.Cell{0}
	buy := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: own}}}}}
	fresh := promise.Effect{Name: "fresh", Causes: promise.Elsewhere(false), Why: "not of the transaction"}
	stale := promise.Effect{Name: "stale", Causes: promise.Elsewhere(true), Why: "old"}
	lock := promise.Effect{Name: "lock", Prevents: promise.Serialized(false), Why: "others are kept out"}
	plain, late := promise.Plan{Cover: promise.Plain}, promise.Plan{Cover: promise.LockedLate}
	for _, c := range []struct {
		name       string
		plan       promise.Plan
		level      string
		around     []promise.Effect
		safe       bool
		by, reason string
	}{
		{"a level protects its own reads only", plain, "PostgreSQL ser", []promise.Effect{fresh}, false, "fresh", "not of the transaction"},
		{"old", plain, "PostgreSQL rc", []promise.Effect{stale}, false, "stale", "old"},
		{"fresh, locked", plain, "PostgreSQL rc", []promise.Effect{fresh, lock}, true, "lock", "others are kept out"},
		{"fresh, locked, where the level helps too", plain, "PostgreSQL rr", []promise.Effect{fresh, lock}, true, "lock", "others are kept out"},
		{"old, locked", plain, "PostgreSQL ser", []promise.Effect{stale, lock}, false, "stale", "old"},
		{"fresh, behind a late lock", late, "PostgreSQL rc", []promise.Effect{fresh}, true, "", late.Cover.String()},
		{"old, behind a late lock", late, "PostgreSQL rc", []promise.Effect{stale}, false, "stale", "old"},
		{"old, compared", promise.Plan{Cover: promise.Compared}, "PostgreSQL rc", []promise.Effect{stale}, true, "", "compares versions"},
		{"no lock needed", plain, "PostgreSQL rr", nil, true, "", "PostgreSQL repeatable-read prevents dirty reads, lost updates (P4)"},
	} {
		p := promise.Of(c.plan, buy, "PostgreSQL", levels()[c.level], c.around...)
		if p.Safe != c.safe || p.By != c.by || p.Reason != c.reason {
			t.Errorf("%s: safe %v, %q, %q; want %v, %q, %q", c.name, p.Safe, p.By, p.Reason, c.safe, c.by, c.reason)
		}
	}
}
