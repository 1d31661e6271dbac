package statement

import (
	"testing"

	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/wire"
)

// TestRow: only where nothing else can be meant is a row told from the others.
func TestRow(t *testing.T) {
	table := func(name, quote string) database.Table {
		return database.Table{
			Name: name, Bare: name, SQL: quote + name + quote, Columns: []string{"id", "shop", "item", "code", "n", "m", "kind"},
			Numbers: []string{"id", "shop", "item", "n", "m"}, Indexed: []string{"id", "shop", "item", "code", "kind"},
			Unique: [][]string{{"id"}, {"code"}, {"shop", "item"}}, Apart: true,
		}
	}
	catalog := func(quote string) *database.Catalog {
		c := &database.Catalog{}
		for _, name := range []string{"stock", "orders", "watched", "joined", "knotted", "computed"} {
			c.Tables = append(c.Tables, table(name, quote))
		}
		c.Tables[2].Triggers, c.Tables[3].Related = true, []string{"orders"}
		c.Tables[4].Apart, c.Tables[5].Generated = false, []string{"m"}
		return c
	}
	postgres, mysql := NewReader(wire.Postgres(), catalog(`"`)), NewReader(wire.MySQL(), catalog("`"))
	params := []wire.Value{{Text: "5"}, {Text: "7"}, {Text: "07"}, {Null: true}, {Text: "x"}, {Text: "1234567890123456789"}}
	id := func(v string) explore.Row { return explore.Row{Key: "stock id", Values: v} }
	none := explore.Row{}
	for _, c := range []struct {
		reader *Reader
		sql    string
		want   explore.Row
	}{
		{postgres, "UPDATE stock SET n = n - 1 WHERE id = $2", id("7")},
		{postgres, `UPDATE "stock" SET "n" = ("stock"."n" - 1), m = $1 WHERE ("stock"."id" = 3 AND "stock"."n" >= 1);`, id("3")},
		{postgres, "SELECT n, m FROM stock WHERE (id = 1) AND n > 0 FOR UPDATE", id("1")},
		{postgres, "select * from stock where id = 1 for share", id("1")},
		{postgres, "DELETE FROM stock WHERE id = 1", id("1")},
		{postgres, "UPDATE stock SET n = 1 WHERE item = 2 AND shop = $1", explore.Row{Key: "stock shop,item", Values: "5,2"}},
		{mysql, "UPDATE `stock` SET `n` = ? WHERE `id` = ?", id("7")},
		{mysql, `UPDATE stock SET n = 1 WHERE "id" = 5`, none}, // two values
		{postgres, "UPDATE stock SET n = 1 WHERE `id` = 5", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = $3", none}, // 07 is 7
		{postgres, "UPDATE stock SET n = 1 WHERE id = $4", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = $5", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = $6", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = $9", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1.5", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = '1'", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1 + n", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = n", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1 AND id = 2", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1 AND id < 9", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1 OR n = 2", none},
		{postgres, "UPDATE stock SET n = 1 WHERE NOT id = 1", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = (1 AND n = 2)", none},
		{postgres, "UPDATE stock SET n = 1 WHERE (id = 1) = n", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id > 1", none},
		{postgres, "UPDATE stock SET n = 1 WHERE code = 1", none}, // not a whole number
		{postgres, "UPDATE stock SET n = 1 WHERE shop = 1", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1 AND kind = 2", none}, // the server may go by that index
		{postgres, "UPDATE stock SET id = 2 WHERE id = 1", none},
		{postgres, "UPDATE stock SET code = 2 WHERE id = 1", none},
		{postgres, "UPDATE stock SET n = random() WHERE id = 1", none},
		{postgres, "UPDATE stock SET n = (SELECT 1) WHERE id = 1", none},
		{postgres, "UPDATE stock SET n = nextval('s') WHERE id = 1", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1 RETURNING n", none},
		{postgres, "UPDATE stock SET n = 1 WHERE id = 1; UPDATE stock SET n = 2 WHERE id = 2", none},
		{postgres, "SELECT n FROM stock WHERE id = 1 FOR UPDATE SKIP LOCKED", none},
		{postgres, "SELECT count(*) FROM stock WHERE id = 1", none},
		{postgres, "SELECT n, orders FROM stock WHERE id = 1", none},
		{postgres, "SELECT n FROM stock, orders WHERE id = 1", none},
		{postgres, "INSERT INTO stock (id) VALUES (1)", none},
		{postgres, "UPDATE watched SET n = 1 WHERE id = 1", none},
		{postgres, "UPDATE joined SET n = 1 WHERE id = 1", none},
		{postgres, "UPDATE knotted SET n = 1 WHERE id = 1", none},
		{postgres, "UPDATE computed SET n = 1 WHERE id = 1", none},
	} {
		s := c.reader.Read([]*wire.Request{{Kind: wire.Query, SQL: c.sql, Params: params}}, true)
		if s.Step.Row != c.want {
			t.Errorf("%s: %v, want %v", c.sql, s.Step.Row, c.want)
		}
	}
	update := func(sql string) *wire.Request { return &wire.Request{Kind: wire.Query, SQL: sql} }
	batch := postgres.Read([]*wire.Request{update("UPDATE stock SET n = 1 WHERE id = 1"), update("UPDATE stock SET n = 1 WHERE id = 2")}, true)
	if batch.Step.Row != none {
		t.Errorf("two statements in a batch touch %v", batch.Step.Row)
	}
}
