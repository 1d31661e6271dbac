package statement

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

func TestRead(t *testing.T) {
	r := NewReader(wire.Postgres(), &database.Catalog{
		Tables: []database.Table{{Name: "stock", Bare: "stock"}, {Name: "Orders", Bare: "Orders", Related: []string{"stock"}}, {Name: "x", Bare: "x"}},
		Code:   []string{"reserve"},
	})
	const stock, orders, all = 1, 2, explore.Everything
	for _, c := range []struct {
		sql    string
		inside bool
		point  harness.Point
		tables uint64
		ends   bool
		passes bool
	}{
		{"BEGIN ISOLATION LEVEL REPEATABLE READ", false, 0, 0, false, true},
		{"SET lock_timeout = '1s'", false, 0, 0, false, true},
		{"SELECT 1", false, 0, 0, false, true},
		{"SELECT version()", false, 0, 0, false, true},
		{"SELECT pg_advisory_lock(1)", true, harness.AtStatement, all, true, false},
		{"SELECT reserve(1)", true, harness.AtStatement, all, true, false},
		{"select left_over from stock where item = 'orders'", true, harness.AtRead, stock, false, false},
		{"SELECT left_over FROM stock WHERE item=$1 FOR UPDATE", true, harness.AtLock, stock, false, false},
		{"SELECT left_over FROM stock FOR NO KEY UPDATE", false, harness.AtLock, stock, true, false},
		{`SELECT * FROM "Orders" JOIN stock USING (item) -- x`, false, harness.AtRead, stock | orders, false, false},
		{"UPDATE stock SET left_over = 1", true, harness.AtWrite, stock, false, false},
		{"UPDATE stock SET left_over = 1", false, harness.AtWrite, stock, true, false},
		{"INSERT INTO orders VALUES (1)", true, harness.AtWrite, stock | orders, false, false},
		{"WITH n AS (INSERT INTO x VALUES (1) RETURNING *) SELECT * FROM n", false, harness.AtWrite, 4, true, false},
		{"COMMIT", true, harness.AtCommit, all, true, false},
		{"COMMIT", false, 0, 0, false, true},
		{"TRUNCATE stock", true, harness.AtStatement, all, true, false},
		{"BEGIN; UPDATE stock SET left_over = 1; COMMIT", false, harness.AtStatement, all, true, false},
	} {
		s := r.Read([]*wire.Request{{Kind: wire.Query, SQL: c.sql}}, c.inside)
		if s.Passes != c.passes || !c.passes && (s.Step.Point != c.point || s.Step.Cells != c.tables || s.Step.Ends != c.ends) {
			t.Errorf("%s: %+v", c.sql, s)
		}
	}
	if s := r.Read([]*wire.Request{{Kind: wire.Query, SQL: "BEGIN ISOLATION LEVEL REPEATABLE READ"}}, false); s.Level != harness.RepeatableRead || !s.Begins {
		t.Errorf("%+v: want a level", s)
	}
	for _, kind := range []wire.Kind{wire.Prepare, wire.Reset} {
		if s := r.Read([]*wire.Request{{Kind: kind}}, false); !s.Passes {
			t.Errorf("%v, %+v: it matters to nobody", kind, s)
		}
	}
	if s := r.Read([]*wire.Request{{Kind: wire.Reset}}, true); s.Passes || !s.Step.Ends {
		t.Errorf("%+v: a reset ends the transaction", s)
	}
}
