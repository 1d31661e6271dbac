package orm

import (
	"context"
	"database/sql"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// entBuy says by ent's driver, which a generated client takes as ent.NewClient(ent.Driver(driver)), what such a client says.
func entBuy(ctx context.Context, db *sql.DB, guarded bool) error {
	driver := entsql.OpenDB(dialect.SQLite, db)
	stock := entsql.Dialect(dialect.SQLite)
	query, args := stock.Select("available").From(entsql.Table("stock")).Where(entsql.EQ("item", "hat")).Query()
	var rows entsql.Rows
	if err := driver.Query(ctx, query, args, &rows); err != nil {
		return err
	}
	available, err := entsql.ScanInt(rows)
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if available == 0 {
		return errSoldOut
	}
	update := stock.Update("stock").Add("available", -1).Where(entsql.EQ("item", "hat"))
	if guarded {
		update = update.Where(entsql.GT("available", 0))
	}
	query, args = update.Query()
	var taken entsql.Result
	if err := driver.Exec(ctx, query, args, &taken); err != nil {
		return err
	}
	if n, err := taken.RowsAffected(); err != nil || n == 0 {
		return errSoldOut
	}
	query, args = stock.Insert("orders").Columns("item").Values("hat").Query()
	return driver.Exec(ctx, query, args, &taken)
}

func TestEnt(t *testing.T) { testBuy(t, "sqlite", entBuy) }
