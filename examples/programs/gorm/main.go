// Shop sells the last hat, with GORM over net/http. MODE=mended locks the row that it decides by.
package main

import (
	"errors"
	"log"
	"net/http"
	"os"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type stock struct {
	Item     string `gorm:"primaryKey"`
	LeftOver int
}

type order struct {
	gorm.Model
	Customer, Item string
}

var errSoldOut = errors.New("sold out")

func buy(db *gorm.DB, customer string) error {
	return db.Transaction(func(tx *gorm.DB) error {
		look := tx
		if os.Getenv("MODE") == "mended" {
			look = tx.Clauses(clause.Locking{Strength: "UPDATE"})
		}
		var hat stock
		if err := look.First(&hat, "item = ?", "hat").Error; err != nil {
			return err
		}
		if hat.LeftOver < 1 {
			return errSoldOut
		}
		hat.LeftOver--
		if err := tx.Save(&hat).Error; err != nil {
			return err
		}
		return tx.Create(&order{Customer: customer, Item: hat.Item}).Error
	})
}

func main() {
	db, err := gorm.Open(postgres.Open(os.Getenv("DATABASE_URL")))
	if err == nil {
		err = db.AutoMigrate(&stock{}, &order{})
	}
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /buy", func(w http.ResponseWriter, r *http.Request) {
		switch err := buy(db, r.URL.Query().Get("customer")); {
		case errors.Is(err, errSoldOut):
			http.Error(w, err.Error(), http.StatusConflict)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
