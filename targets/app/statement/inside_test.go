package statement

import (
	"testing"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

func TestInside(t *testing.T) {
	r := NewReader(wire.Postgres(), &database.Catalog{
		Tables: []database.Table{
			{Name: "stock", Bare: "stock", Unique: [][]string{{"ID"}, {"shop", "item"}}}, {Name: "Orders", Bare: "Orders"},
		},
		Code: []string{"reserve"},
	})
	for _, c := range []struct {
		sql           string
		inside, stops bool
	}{
		{"SELECT * FROM stock", false, false},
		{"SELECT * FROM stock FOR UPDATE", false, false},
		{"COMMIT", false, false},
		{"TRUNCATE stock", false, false},
		{"SELECT reserve(1)", true, false},
		{"CALL something(1)", true, false},
		{"INSERT INTO orders VALUES (1), (2)", false, false},
		{"INSERT INTO orders (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET n = orders.n + 1", false, false},
		{"INSERT INTO orders SELECT 1, 2", false, false},
		{"INSERT INTO orders SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM orders)", true, true},
		{`INSERT INTO public."Orders" (a) VALUES ((SELECT max(a) FROM stock))`, true, true},
		{"INSERT INTO elsewhere SELECT id FROM stock", true, false},
		{"UPDATE stock SET n = n - 1 WHERE id = $1 AND n > 0", false, false},
		{`UPDATE "stock" SET "n" = ("stock"."n" - 1) WHERE ("stock"."id" = 1 AND "stock"."n" >= 1)`, false, false},
		{"UPDATE stock SET n = n - 1, m = 2 WHERE id = 'it''s' RETURNING n", false, false},
		{"UPDATE stock AS s SET n = 1 WHERE s.item = ? AND s.shop = 7 LIMIT 1", false, false},
		{"DELETE FROM stock WHERE id = $1::bigint", false, false},
		{"UPDATE stock SET n = n - 1 WHERE item = $1 AND n > 0", true, true},
		{"UPDATE stock SET n = n - 1", true, true},
		{"UPDATE stock SET n = 1 WHERE id = $1 OR n = 2", true, true},
		{"UPDATE stock SET n = 1 WHERE NOT (id = $1)", true, true},
		{"UPDATE stock SET n = 1 WHERE abs(id) = 1", true, true},
		{"UPDATE stock SET n = 1 WHERE id = 1 + n", true, true},
		{"UPDATE stock SET n = 1 WHERE id <= 1", true, true},
		{"UPDATE stock SET n = (SELECT count(*) FROM orders) WHERE id = 1", true, true},
		{"UPDATE stock SET n = 1 WHERE id = 1 AND (SELECT count(*) FROM orders) < 2", true, true},
		{"UPDATE stock SET n = 1 FROM orders WHERE stock.id = 1", true, true},
		{"UPDATE stock, orders SET n = 1 WHERE id = 1", true, true},
		{"UPDATE stock SET note = 'a WHERE id = 1'", true, true},
		{"UPDATE stock SET note = E'\\'' WHERE id = 1", true, true},
		{"UPDATE stock SET n = 1 -- WHERE id = 1", true, true},
		{"DELETE FROM stock WHERE n = 0", true, true},
		{"DELETE FROM stock USING orders WHERE id = 1", true, true},
		{"MERGE INTO stock USING orders ON true WHEN MATCHED THEN DELETE", true, true},
		{"WITH n AS (SELECT 1 FROM orders) UPDATE stock SET n = 1 FROM n", true, true},
		{"WITH n AS (SELECT 1 FROM orders FOR UPDATE) UPDATE stock SET n = 1 FROM n", true, false},
		{"UPDATE stock SET n = n - 1 WHERE n > 0; UPDATE stock SET n = 1 WHERE id = 1", true, false},
	} {
		s := r.Read([]*wire.Request{{Kind: wire.Query, SQL: c.sql}}, false)
		if s.Inside != c.inside || s.Stops != c.stops {
			t.Errorf("%s: inside %v, stops %v; want %v, %v", c.sql, s.Inside, s.Stops, c.inside, c.stops)
		}
	}
}

func FuzzPinned(f *testing.F) {
	f.Add("UPDATE stock SET n = 1 WHERE id = 1")
	f.Add("DELETE FROM stock WHERE (stock.id = 'x') AND")
	r := NewReader(wire.MySQL(), &database.Catalog{Tables: []database.Table{{Name: "stock", Bare: "stock", Unique: [][]string{{"id"}}}}})
	f.Fuzz(func(_ *testing.T, sql string) {
		r.pinned(sql)
		r.Read([]*wire.Request{{Kind: wire.Query, SQL: sql}}, false)
	})
}
