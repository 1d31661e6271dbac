package engine_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqlite"
	"github.com/lastseat/lastseat/workloads"
)

// bank is the code under test: it looks at a balance, and writes what it makes of it.
type bank struct{ db *sql.DB }

var errTooLittle = errors.New("too little money")

// cents: its balances have two digits after the point.
const cents = engine.Decimals(2)

func (b bank) transfer(ctx context.Context, from, to int, amount string) error {
	for _, leg := range []struct {
		account int
		sign    string
	}{{from, "-"}, {to, "+"}} {
		var enough bool
		var then string
		look := "SELECT balance " + leg.sign + " ?1 >= 0, printf('%.2f', balance " + leg.sign + " ?1) FROM account WHERE id = ?2"
		if err := b.db.QueryRowContext(ctx, look, amount, leg.account).Scan(&enough, &then); err != nil {
			return err
		}
		if !enough {
			return errTooLittle
		}
		if _, err := b.db.ExecContext(ctx, "UPDATE account SET balance = ? WHERE id = ?", then, leg.account); err != nil {
			return err
		}
	}
	return nil
}

// Code of one's own on a database: lastseat opens the server, and the code connects with its own driver.
func ExampleCode_database() {
	ctx := context.Background()
	server, err := sqlite.Engine().Open(ctx, store.OpenConfig{}) // or postgres, mysql; in a test: lastseat.Open(t, "postgres")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	info, err := store.ConnInfoOf(server, harness.NoLevel)
	if err != nil {
		panic(err)
	}
	db, err := sql.Open("sqlite", info.DSN) // or pgxpool.New(ctx, info.DSN)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	target := &engine.Code{
		NoJournal: true,
		Reset: func(ctx context.Context, start harness.State) error {
			if _, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS account; CREATE TABLE account (id INT PRIMARY KEY, balance DECIMAL(12,2))"); err != nil {
				return err
			}
			for id, balance := range start.Values {
				if _, err := db.ExecContext(ctx, "INSERT INTO account VALUES (?, ?)", id, cents.Text(balance)); err != nil {
					return err
				}
			}
			return nil
		},
		Run: func(ctx context.Context, _ int, op *harness.Op) harness.Result {
			if op.ReadOnly() {
				return harness.Result{Outcome: harness.OK}
			}
			from, to := op.Steps[0], op.Steps[1]
			err := bank{db}.transfer(ctx, int(from.Cell), int(to.Cell), cents.Text(to.Delta))
			return store.Classify(server, err, errTooLittle)
		},
		Read: func(ctx context.Context, final *harness.State) error {
			for id := range final.Values {
				var balance string
				if err := db.QueryRowContext(ctx, "SELECT printf('%.2f', balance) FROM account WHERE id = ?", id).Scan(&balance); err != nil {
					return err
				}
				cell, err := cents.Cell(balance)
				if err != nil {
					return err
				}
				final.Values[id] = cell
			}
			return nil
		},
	}
	transfer, err := workloads.New("transfer", workloads.Config{Cells: 4})
	if err != nil {
		panic(err)
	}
	cfg := engine.DefaultConfig()
	cfg.Reserve = time.Minute // until it is decided
	report, err := engine.Run(ctx, engine.Row{Workload: transfer, Target: target}, cfg)
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Verdict)
	// Output: unsafe
}
