package harness_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestPromisesAround: what decorations cause and prevent decides with what the strategy needs and the level prevents.
func TestPromisesAround(t *testing.T) {
	buy := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: []harness.Cell{0}}}}}}
	pay := []harness.Op{{Name: "pay", Steps: append([]harness.Step{{Kind: harness.Call, Service: "payment"}}, buy[0].Steps...)}}
	naive, split := harness.Plan{}, harness.Plan{Split: true, Partial: true}
	atomic, optimistic := harness.Plan{Cover: harness.Conditional}, harness.Plan{Cover: harness.Compared}
	rc := harness.Isolation{Level: harness.ReadCommitted, Prevents: harness.HazardSet(harness.G0, harness.Dirty)}
	rr := harness.Isolation{Level: harness.RepeatableRead, Prevents: rc.Prevents | harness.HazardSet(harness.P4), TxSnapshot: true}

	lock := harness.Influence{Name: "lock", Prevents: harness.Serialized(false), Why: "one at a time"}
	faulty := harness.Influence{Name: "lock", Prevents: harness.Serialized(true), Why: "one at a time"}
	broken := harness.Influence{Name: "broken", Causes: harness.HazardSet(harness.Unlocked), Why: "lets others in"}
	cache := harness.Influence{Name: "cache", Causes: harness.Elsewhere(true), Why: "old values"}
	lsn := harness.Influence{Name: "lsn", Causes: harness.Elsewhere(false), Why: "another snapshot"}
	blind := harness.Influence{Name: "blind", Causes: harness.HazardSet(harness.Duplicate), Why: "again"}
	swallow := harness.Influence{Name: "swallow", Causes: harness.HazardSet(harness.LostAck), OnConflict: true, Why: "taken for success"}
	unpaid := harness.Influence{Name: "after", Causes: harness.HazardSet(harness.DualWrite), Why: "paid later"}

	for _, c := range []struct {
		name   string
		plan   harness.Plan
		ops    []harness.Op
		iso    harness.Isolation
		around []harness.Influence
		safe   bool
		by     string
	}{
		{"nothing around", naive, buy, rc, nil, false, ""},
		{"a lock", naive, buy, rc, []harness.Influence{lock}, true, "lock"},
		{"a lock, and halves without a transaction", split, buy, rc, []harness.Influence{faulty}, false, ""},
		{"a lock, and a transaction that is cut", naive, buy, rc, []harness.Influence{faulty}, true, "lock"},
		{"a lock that lets others in", naive, buy, rc, []harness.Influence{broken}, false, "broken"},
		{"a lock that lets others in, and needs not be there", atomic, buy, rc, []harness.Influence{broken}, true, ""},
		{"a cache", naive, buy, rr, []harness.Influence{cache}, false, "cache"},
		{"a cache under a lock", naive, buy, rc, []harness.Influence{cache, lock}, false, "cache"},
		{"a cache whose version is compared", optimistic, buy, rc, []harness.Influence{cache}, true, ""},
		{"a fresh replica", naive, buy, rr, []harness.Influence{lsn}, false, "lsn"},
		{"a fresh replica under a lock", naive, buy, rc, []harness.Influence{lsn, lock}, true, "lock"},
		{"sent twice", atomic, buy, rc, []harness.Influence{blind}, false, "blind"},
		{"a conflict swallowed", optimistic, buy, rc, []harness.Influence{swallow}, false, "swallow"},
		{"no conflict to swallow", atomic, buy, rc, []harness.Influence{swallow}, true, ""},
		{"a service written afterwards", atomic, pay, rc, []harness.Influence{unpaid}, false, "after"},
		{"no service to write", atomic, buy, rc, []harness.Influence{unpaid}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := harness.Derive(c.plan, c.ops, "PostgreSQL", c.iso, c.around...)
			if p.Safe != c.safe || p.By != c.by {
				t.Errorf("safe %v by %q (%s), want %v by %q", p.Safe, p.By, p.Reason, c.safe, c.by)
			}
		})
	}
}

// TestRowsWithoutConflicts: where a decoration acts on conflicts, there are rows only where operations are sure to conflict.
func TestRowsWithoutConflicts(t *testing.T) {
	buy := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: []harness.Cell{0}}}}}}
	read := []harness.Op{buy[0], {Name: "read", Steps: []harness.Step{{Kind: harness.Read, Cells: []harness.Cell{0}}, {Kind: harness.Read, Cells: []harness.Cell{1}}}}}
	naive, atomic, locked := harness.Plan{}, harness.Plan{Cover: harness.Conditional}, harness.Plan{Cover: harness.Locked}
	optimistic := harness.Plan{Cover: harness.Compared}
	rc := harness.Isolation{Level: harness.ReadCommitted, Prevents: harness.HazardSet(harness.G0, harness.Dirty)}
	rr := harness.Isolation{
		Level: harness.RepeatableRead, Prevents: rc.Prevents | harness.HazardSet(harness.P4, harness.PMP, harness.GSingle), TxSnapshot: true,
	}
	lock := harness.Influence{Name: "lock", Prevents: harness.Serialized(false)}
	swallow := harness.Influence{Name: "swallow", Causes: harness.HazardSet(harness.LostAck), OnConflict: true}
	stale := harness.Influence{Name: "stale", Causes: harness.HazardSet(harness.StaleRead), OnConflict: true}
	for _, c := range []struct {
		name   string
		plan   harness.Plan
		ops    []harness.Op
		iso    harness.Isolation
		around []harness.Influence
		row    bool
	}{
		{"no decoration", atomic, buy, rc, nil, true},
		{"one that conflicts have nothing to do with", atomic, buy, rc, []harness.Influence{lock}, true},
		{"lost updates go through", naive, buy, rc, []harness.Influence{swallow}, false},
		{"lost updates are refused", naive, buy, rr, []harness.Influence{swallow}, true},
		{"stale after lost updates are refused", naive, buy, rr, []harness.Influence{stale}, true},
		{"a lock keeps the others away", naive, buy, rr, []harness.Influence{lock, swallow}, false},
		{"versions are compared", optimistic, buy, rc, []harness.Influence{swallow}, true},
		{"compared versions mind nothing stale", optimistic, buy, rc, []harness.Influence{stale}, false},
		{"rows are locked", locked, buy, rr, []harness.Influence{swallow}, false},
		{"a snapshot refuses nobody", locked, read, rr, []harness.Influence{swallow}, false},
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
	fresh := harness.Influence{Name: "fresh", Causes: harness.Elsewhere(false), Why: "not of the transaction"}
	stale := harness.Influence{Name: "stale", Causes: harness.Elsewhere(true), Why: "old"}
	lock := harness.Influence{Name: "lock", Prevents: harness.Serialized(false), Why: "others are kept out"}
	plain, late := harness.Plan{Cover: harness.Plain}, harness.Plan{Cover: harness.LockedLate}
	for _, c := range []struct {
		name       string
		plan       harness.Plan
		level      string
		around     []harness.Influence
		safe       bool
		by, reason string
	}{
		{"a level protects its own reads only", plain, "PostgreSQL ser", []harness.Influence{fresh}, false, "fresh", "not of the transaction"},
		{"old", plain, "PostgreSQL rc", []harness.Influence{stale}, false, "stale", "old"},
		{"fresh, locked", plain, "PostgreSQL rc", []harness.Influence{fresh, lock}, true, "lock", "others are kept out"},
		{"fresh, locked, where the level helps too", plain, "PostgreSQL rr", []harness.Influence{fresh, lock}, true, "lock", "others are kept out"},
		{"old, locked", plain, "PostgreSQL ser", []harness.Influence{stale, lock}, false, "stale", "old"},
		{"fresh, behind a late lock", late, "PostgreSQL rc", []harness.Influence{fresh}, true, "", late.Cover.String()},
		{"old, behind a late lock", late, "PostgreSQL rc", []harness.Influence{stale}, false, "stale", "old"},
		{"old, compared", harness.Plan{Cover: harness.Compared}, "PostgreSQL rc", []harness.Influence{stale}, true, "", "compares versions"},
		{"no lock needed", plain, "PostgreSQL rr", nil, true, "", "PostgreSQL repeatable-read prevents dirty, P4"},
	} {
		p := harness.Derive(c.plan, buy, "PostgreSQL", levels()[c.level], c.around...)
		if p.Safe != c.safe || p.By != c.by || p.Reason != c.reason {
			t.Errorf("%s: safe %v, %q, %q; want %v, %q, %q", c.name, p.Safe, p.By, p.Reason, c.safe, c.by, c.reason)
		}
	}
}
