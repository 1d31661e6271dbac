package harness_test

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// The levels as published and measured (Hermitage; PostgreSQL 15 and MySQL 9.7).
func levels() map[string]harness.Isolation {
	committed := harness.HazardSet(harness.Dirty, harness.OTV)
	readOnly := committed | harness.HazardSet(harness.PMP, harness.GSingle)
	snapshot := readOnly | harness.HazardSet(harness.PMPWrite, harness.P4, harness.GSingleWrite)
	all := snapshot | harness.HazardSet(harness.StmtSkew, harness.G2Item, harness.G2)
	return map[string]harness.Isolation{
		"PostgreSQL rc":  {Level: harness.ReadCommitted, Prevents: committed},
		"PostgreSQL rr":  {Level: harness.RepeatableRead, Prevents: snapshot, TxSnapshot: true},
		"PostgreSQL ser": {Level: harness.Serializable, Prevents: all, TxSnapshot: true},
		"MySQL ru":       {Level: harness.ReadUncommitted},
		"MySQL rc":       {Level: harness.ReadCommitted, Prevents: committed},
		"MySQL rr":       {Level: harness.RepeatableRead, Prevents: readOnly | harness.HazardSet(harness.StmtSkew), TxSnapshot: true},
		"MySQL ser":      {Level: harness.Serializable, Prevents: all, TxSnapshot: true},
	}
}

// TestDerive: each case names the levels at which the plan is safe; it is unsafe at the others, for want of what it says.
func TestDerive(t *testing.T) {
	own, pair := []harness.Cell{0}, []harness.Cell{0, 1}
	add := func(guard []harness.Cell) harness.Op {
		return harness.Op{Name: "buy", Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: guard}}}}
	}
	buy, joint, cancel := add(own), add(pair), add(nil)
	paid := add(own)
	paid.Steps = append(paid.Steps, harness.Step{Kind: harness.Call, Outcome: harness.OK})
	read := harness.Step{Kind: harness.Read, Cells: pair}
	one, many := harness.Op{Steps: []harness.Step{read}}, harness.Op{Steps: []harness.Step{read, read}}
	const everywhere = "PostgreSQL rc, PostgreSQL rr, PostgreSQL ser, MySQL ru, MySQL rc, MySQL rr, MySQL ser"
	const aboveRU = "PostgreSQL rc, PostgreSQL rr, PostgreSQL ser, MySQL rc, MySQL rr, MySQL ser"
	const serializable = "PostgreSQL ser, MySQL ser"
	for _, c := range []struct {
		name    string
		plan    harness.Plan
		ops     []harness.Op
		safe    string
		missing harness.Hazard // among what is missing wherever it is unsafe
	}{
		{"naive-autocommit", harness.Plan{Cover: harness.Plain, Split: true, Partial: true}, []harness.Op{buy}, "", harness.Split},
		{"naive-tx", harness.Plan{Cover: harness.Plain}, []harness.Op{buy, cancel}, "PostgreSQL rr, " + serializable, harness.P4},
		{"naive-tx, joint", harness.Plan{Cover: harness.Plain}, []harness.Op{joint}, serializable, harness.G2Item},
		{"atomic", harness.Plan{Cover: harness.Conditional}, []harness.Op{buy, cancel}, everywhere, 0},
		{"subquery-guard", harness.Plan{Cover: harness.Conditional}, []harness.Op{joint}, "MySQL rr, " + serializable, harness.StmtSkew},
		{"for-update", harness.Plan{Cover: harness.Locked}, []harness.Op{buy, joint}, everywhere, 0},
		{"for-update, reads", harness.Plan{Cover: harness.Locked}, []harness.Op{buy, one}, aboveRU, harness.Dirty},
		{"optimistic", harness.Plan{Cover: harness.Compared}, []harness.Op{buy, joint}, aboveRU, harness.Dirty},
		{"optimistic, one row", harness.Plan{Cover: harness.Compared}, []harness.Op{buy, cancel}, everywhere, 0},
		{"optimistic, one row and a call", harness.Plan{Cover: harness.Compared}, []harness.Op{paid}, aboveRU, harness.Dirty},
		{"atomic and a call", harness.Plan{Cover: harness.Conditional}, []harness.Op{paid}, everywhere, 0},
		{"count-insert", harness.Plan{Cover: harness.Plain, Rows: true}, []harness.Op{buy}, serializable, harness.G2},
		{"unique-slot", harness.Plan{Cover: harness.Constrained, Rows: true}, []harness.Op{buy}, everywhere, 0},
		{
			"advisory-late, joint",
			harness.Plan{Cover: harness.LockedLate},
			[]harness.Op{joint},
			"PostgreSQL rc, MySQL ru, MySQL rc, " + serializable, harness.G2Item,
		},
		{"one read", harness.Plan{Cover: harness.Locked}, []harness.Op{one}, aboveRU, harness.Dirty},
		{"many reads", harness.Plan{Cover: harness.Locked}, []harness.Op{many}, "PostgreSQL rr, MySQL rr, " + serializable, harness.GSingle},
		{"covered reads", harness.Plan{Cover: harness.Locked, CoversReads: true}, []harness.Op{many}, everywhere, 0},
	} {
		for name, iso := range levels() {
			product, _, _ := strings.Cut(name, " ")
			p := harness.Derive(c.plan, c.ops, product, iso)
			if want := strings.Contains(c.safe, name); p.Safe != want {
				t.Errorf("%s on %s: safe %v (%s), want %v", c.name, name, p.Safe, p.Reason, want)
			}
			if p.Safe != (p.Missing == 0) || p.Short == "" || p.Reason == "" || !p.Safe && !p.Missing.Has(c.missing) {
				t.Errorf("%s on %s: %+v", c.name, name, p)
			}
		}
	}
}

func TestReasonsReadWell(t *testing.T) {
	buy := []harness.Op{{Steps: []harness.Step{{Kind: harness.Add, Delta: -1, Guard: harness.Guard{Cells: []harness.Cell{0}}}}}}
	ls := levels()
	for _, c := range []struct {
		plan          harness.Plan
		level         string
		short, reason string
	}{
		{
			harness.Plan{},
			"MySQL rr", "lets P4 through",
			"MySQL repeatable-read lets P4 through: two clients read the same value and both write it: one update is lost",
		},
		{
			harness.Plan{},
			"MySQL ru", "lets dirty, P4 through",
			"MySQL read-uncommitted lets dirty, P4 through: two clients read the same value and both write it: one update is lost",
		},
		{
			harness.Plan{Split: true},
			"MySQL ser", "split: no level helps",
			"the check and the write are separate transactions, so another client fits in between; no isolation level prevents that",
		},
		{harness.Plan{}, "MySQL ser", "level prevents dirty, P4", "MySQL serializable prevents dirty, P4"},
		{harness.Plan{Cover: harness.Compared}, "MySQL rc", harness.Compared.String(), harness.Compared.String()},
		{harness.Plan{Cover: harness.Locked}, "MySQL ru", harness.Locked.String(), harness.Locked.String()},
	} {
		p := harness.Derive(c.plan, buy, "MySQL", ls[c.level])
		if p.Short != c.short || p.Reason != c.reason {
			t.Errorf("%q, %q", p.Short, p.Reason)
		}
	}
	if p := harness.Derive(harness.Plan{}, buy, "memory", harness.Isolation{Level: harness.NoLevel}); !strings.HasPrefix(p.Reason, "memory lets") {
		t.Errorf("a level where there is none: %s", p.Reason)
	}
}

// TestUphold: a level promises its model, and says where its name promises more.
func TestUphold(t *testing.T) {
	all := harness.HazardSet(harness.P4, harness.GSingleWrite)
	for want, iso := range map[string]harness.Isolation{
		"Base read-committed promises read-committed":      {Level: harness.ReadCommitted, Model: "read-committed"},
		"Base repeatable-read promises snapshot-isolation": {Level: harness.RepeatableRead, Model: "snapshot-isolation", TxSnapshot: true, Prevents: all},
		"Base repeatable-read lets P4, G-single-write through, and so promises no more than read-committed": {
			Level: harness.RepeatableRead, Model: "read-committed", TxSnapshot: true,
		},
	} {
		if p := harness.Uphold("Base", iso); p.Reason != want || !p.Safe || p.Model != iso.Model || p.Short != iso.Model {
			t.Errorf("%+v, want %q", p, want)
		}
	}
}
