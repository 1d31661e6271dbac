package orm

import (
	"context"
	"database/sql"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

type bunStock struct {
	bun.BaseModel `bun:"table:stock"`

	Item      string `bun:",pk"`
	Available int
}

type bunOrder struct {
	bun.BaseModel `bun:"table:orders"`

	Item string
}

func bunBuy(ctx context.Context, db *sql.DB, guarded bool) error {
	b := bun.NewDB(db, sqlitedialect.New())
	stock := bunStock{Item: "hat"}
	if err := b.NewSelect().Model(&stock).WherePK().Scan(ctx); err != nil {
		return err
	}
	if stock.Available == 0 {
		return errSoldOut
	}
	update := b.NewUpdate().Model(&stock).Set("available = available - 1").WherePK()
	if guarded {
		update = update.Where("available > 0")
	}
	taken, err := update.Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := taken.RowsAffected(); err != nil || n == 0 {
		return errSoldOut
	}
	_, err = b.NewInsert().Model(&bunOrder{Item: "hat"}).Exec(ctx)
	return err
}

func TestBun(t *testing.T) { testBuy(t, "sqlite", bunBuy) }
