package harness_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestReadsElsewhere: who rests on a plain read suffers from one that is made elsewhere; a lock mends that, unless the read is old.
func TestReadsElsewhere(t *testing.T) {
	own := []harness.Cell{0}
	buy := []harness.Op{{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: own}}}}}
	fresh := harness.Influence{Name: "fresh", Causes: harness.Elsewhere(false), Why: "not of the transaction"}
	stale := harness.Influence{Name: "stale", Causes: harness.Elsewhere(true), Why: "old"}
	lock := harness.Influence{Name: "lock", Prevents: harness.Serialized(false), Why: "others are kept out"}
	plain, late := harness.Plan{Cover: harness.Plain}, harness.Plan{Cover: harness.LockedLate}
	for _, c := range []struct {
		name          string
		plan          harness.Plan
		level         string
		around        []harness.Influence
		safe          bool
		short, reason string
	}{
		{"a level protects its own reads only", plain, "PostgreSQL ser", []harness.Influence{fresh}, false, "fresh: split", "not of the transaction"},
		{"old", plain, "PostgreSQL rc", []harness.Influence{stale}, false, "stale: split, stale-read", "old"},
		{"fresh, locked", plain, "PostgreSQL rc", []harness.Influence{fresh, lock}, true, "lock keeps others out", "others are kept out"},
		{"fresh, locked, where the level helps too", plain, "PostgreSQL rr", []harness.Influence{fresh, lock}, true, "lock keeps others out", "others are kept out"},
		{"old, locked", plain, "PostgreSQL ser", []harness.Influence{stale, lock}, false, "stale: stale-read", "old"},
		{"fresh, behind a late lock", late, "PostgreSQL rc", []harness.Influence{fresh}, true, late.Cover.String(), late.Cover.String()},
		{"old, behind a late lock", late, "PostgreSQL rc", []harness.Influence{stale}, false, "stale: stale-read", "old"},
		{"old, compared", harness.Plan{Cover: harness.Compared}, "PostgreSQL rc", []harness.Influence{stale}, true, "compares versions", "compares versions"},
		{"no lock needed", plain, "PostgreSQL rr", nil, true, "level prevents dirty, P4", "PostgreSQL repeatable-read prevents dirty, P4"},
	} {
		p := harness.Derive(c.plan, buy, "PostgreSQL", levels()[c.level], c.around...)
		if p.Safe != c.safe || p.Short != c.short || p.Reason != c.reason {
			t.Errorf("%s: safe %v, %q, %q; want %v, %q, %q", c.name, p.Safe, p.Short, p.Reason, c.safe, c.short, c.reason)
		}
	}
}
