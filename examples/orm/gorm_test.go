package orm

import (
	"context"
	"database/sql"
	"testing"

	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type gormStock struct {
	Item      string `gorm:"primaryKey"`
	Available int
}

func (gormStock) TableName() string { return "stock" }

type gormOrder struct{ Item string }

func (gormOrder) TableName() string { return "orders" }

func gormOpen(db *sql.DB) (*gorm.DB, error) {
	dialector := mysql.New(mysql.Config{Conn: db, SkipInitializeWithVersion: true})
	return gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
}

func gormBuy(ctx context.Context, db *sql.DB, guarded bool) error {
	g, err := gormOpen(db)
	if err != nil {
		return err
	}
	return g.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var stock gormStock
		if err := tx.First(&stock, "item = ?", "hat").Error; err != nil {
			return err
		}
		if stock.Available == 0 {
			return errSoldOut
		}
		taken := tx.Model(&stock)
		if guarded {
			taken = taken.Where("available > 0")
		}
		taken = taken.Update("available", gorm.Expr("available - 1"))
		if taken.Error != nil {
			return taken.Error
		}
		if taken.RowsAffected == 0 {
			return errSoldOut
		}
		return tx.Create(&gormOrder{Item: "hat"}).Error
	})
}

func TestGORM(t *testing.T) { testBuy(t, "mariadb", gormBuy) }
