package promise_test

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// The levels as published and measured (Hermitage; PostgreSQL 15 and MySQL 9.7).
func levels() map[string]promise.Isolation {
	committed := promise.HazardSet(promise.Dirty, promise.OTV)
	readOnly := committed | promise.HazardSet(promise.PMP, promise.GSingle)
	snapshot := readOnly | promise.HazardSet(promise.PMPWrite, promise.P4, promise.GSingleWrite)
	all := snapshot | promise.HazardSet(promise.StmtSkew, promise.G2Item, promise.G2)
	return map[string]promise.Isolation{
		"PostgreSQL rc":  {Level: harness.ReadCommitted, Prevents: committed},
		"PostgreSQL rr":  {Level: harness.RepeatableRead, Prevents: snapshot, TxSnapshot: true},
		"PostgreSQL ser": {Level: harness.Serializable, Prevents: all, TxSnapshot: true},
		"MySQL ru":       {Level: harness.ReadUncommitted},
		"MySQL rc":       {Level: harness.ReadCommitted, Prevents: committed},
		"MySQL rr":       {Level: harness.RepeatableRead, Prevents: readOnly | promise.HazardSet(promise.StmtSkew), TxSnapshot: true},
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
		plan    promise.Plan
		ops     []harness.Op
		safe    string
		missing promise.Hazard // among what is missing wherever it is unsafe
	}{
		{"naive-autocommit", promise.Plan{Cover: promise.Plain, Split: true, Partial: true}, []harness.Op{buy}, "", promise.Split},
		{"naive-tx", promise.Plan{Cover: promise.Plain}, []harness.Op{buy, cancel}, "PostgreSQL rr, " + serializable, promise.P4},
		{"naive-tx, joint", promise.Plan{Cover: promise.Plain}, []harness.Op{joint}, serializable, promise.G2Item},
		{"atomic", promise.Plan{Cover: promise.Conditional}, []harness.Op{buy, cancel}, everywhere, 0},
		{"subquery-guard", promise.Plan{Cover: promise.Conditional}, []harness.Op{joint}, "MySQL rr, " + serializable, promise.StmtSkew},
		{"for-update", promise.Plan{Cover: promise.Locked}, []harness.Op{buy, joint}, everywhere, 0},
		{"for-update, reads", promise.Plan{Cover: promise.Locked}, []harness.Op{buy, one}, aboveRU, promise.Dirty},
		{"optimistic", promise.Plan{Cover: promise.Compared}, []harness.Op{buy, joint}, aboveRU, promise.Dirty},
		{"optimistic, one row", promise.Plan{Cover: promise.Compared}, []harness.Op{buy, cancel}, everywhere, 0},
		{"optimistic, one row and a call", promise.Plan{Cover: promise.Compared}, []harness.Op{paid}, aboveRU, promise.Dirty},
		{"atomic and a call", promise.Plan{Cover: promise.Conditional}, []harness.Op{paid}, everywhere, 0},
		{"count-insert", promise.Plan{Cover: promise.Plain, Rows: true}, []harness.Op{buy}, serializable, promise.G2},
		{"unique-slot", promise.Plan{Cover: promise.Constrained, Rows: true}, []harness.Op{buy}, everywhere, 0},
		{
			"advisory-late, joint",
			promise.Plan{Cover: promise.LockedLate},
			[]harness.Op{joint},
			"PostgreSQL rc, MySQL ru, MySQL rc, " + serializable, promise.G2Item,
		},
		{"one read", promise.Plan{Cover: promise.Locked}, []harness.Op{one}, aboveRU, promise.Dirty},
		{"many reads", promise.Plan{Cover: promise.Locked}, []harness.Op{many}, "PostgreSQL rr, MySQL rr, " + serializable, promise.GSingle},
		{"covered reads", promise.Plan{Cover: promise.Locked, CoversReads: true}, []harness.Op{many}, everywhere, 0},
	} {
		for name, iso := range levels() {
			product, _, _ := strings.Cut(name, " ")
			p := promise.Of(c.plan, c.ops, product, iso)
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
		plan          promise.Plan
		level         string
		short, reason string
	}{
		{
			promise.Plan{},
			"MySQL rr", "lost update possible (P4)",
			"MySQL repeatable-read lets lost updates (P4) through: two clients read the same value and both write it: one update is lost",
		},
		{
			promise.Plan{},
			"MySQL ru", "lost update possible (P4)",
			"MySQL read-uncommitted lets dirty reads, lost updates (P4) through: two clients read the same value and both write it: one update is lost",
		},
		{
			promise.Plan{Split: true},
			"MySQL ser", "check and write apart (split)",
			"the check and the write are separate transactions, so another client fits in between; no isolation level prevents that",
		},
		{promise.Plan{}, "MySQL ser", "level prevents lost updates (P4)", "MySQL serializable prevents dirty reads, lost updates (P4)"},
		{promise.Plan{Cover: promise.Compared}, "MySQL rc", promise.Compared.String(), promise.Compared.String()},
		{promise.Plan{Cover: promise.Locked}, "MySQL ru", promise.Locked.String(), promise.Locked.String()},
	} {
		p := promise.Of(c.plan, buy, "MySQL", ls[c.level])
		if p.Short != c.short || p.Reason != c.reason {
			t.Errorf("%q, %q", p.Short, p.Reason)
		}
	}
	if p := promise.Of(promise.Plan{}, buy, "memory", promise.Isolation{Level: harness.NoLevel}); !strings.HasPrefix(p.Reason, "memory lets") {
		t.Errorf("a level where there is none: %s", p.Reason)
	}
}

// TestForks: long forks break what the upper levels promise, and leave a consistent view; read committed promises nothing that they break.
func TestForks(t *testing.T) {
	forks := promise.Effect{Name: "replica", Causes: promise.HazardSet(promise.LongFork), Why: "two servers show commits in two orders"}
	for model, safe := range map[string]bool{"read-committed": true, "snapshot-isolation": false, "serializable": false} {
		p := promise.OfLevel("Base", promise.Isolation{Model: model}, promise.Effect{Name: "fault"}, forks)
		switch {
		case p.Safe != safe, p.Model != model:
			t.Errorf("%s: %+v", model, p)
		case !safe && (p.By != "replica" || p.Reason != forks.Why || p.Short != "long fork possible" || p.Floor != "consistent-view" || p.Missing != forks.Causes):
			t.Errorf("%s: %+v", model, p)
		case safe && p.Floor != "":
			t.Errorf("%s: %+v", model, p)
		}
	}
}

// TestUphold: a level promises its model, and says where its name promises more.
func TestUphold(t *testing.T) {
	all := promise.HazardSet(promise.P4, promise.GSingleWrite)
	for want, iso := range map[string]promise.Isolation{
		"Base read-committed promises read-committed":      {Level: harness.ReadCommitted, Model: "read-committed"},
		"Base repeatable-read promises snapshot-isolation": {Level: harness.RepeatableRead, Model: "snapshot-isolation", TxSnapshot: true, Prevents: all},
		"Base repeatable-read lets lost updates (P4), read skew before a write (G-single-write) through, and so promises no more than read-committed": {
			Level: harness.RepeatableRead, Model: "read-committed", TxSnapshot: true,
		},
	} {
		if p := promise.OfLevel("Base", iso); p.Reason != want || !p.Safe || p.Model != iso.Model || p.Short != iso.Model {
			t.Errorf("%+v, want %q", p, want)
		}
	}
}
