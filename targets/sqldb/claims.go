package sqldb

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// unique-slot gives every unit a numbered row: the unique index lets each be taken once. It needs nothing prevented.
func uniqueSlot() Strategy {
	return Strategy{
		Name:       "unique-slot",
		Explain:    "each unit is a row with a number, and a unique index lets each number be taken once: safe, no counter",
		Plan:       promise.Plan{Cover: promise.Constrained, Rows: true},
		UniqueSlot: true,
		Skip:       needsClaims,
		Do: func(a *attempt) error {
			return a.claim("SELECT slot FROM %s WHERE cell = ?", func(taken []int64, units int64) (int64, bool) {
				return freeSlot(taken, units, a.op.ID)
			})
		},
	}
}

// count-insert counts the units taken, and inserts one more if there is room: it needs G2 prevented, because the row that
// another client is inserting is not there to be counted.
func countInsert() Strategy {
	return Strategy{
		Name:    "count-insert",
		Explain: "SELECT COUNT(*), then INSERT if there is room: oversells below serializable (phantoms, G2)",
		Plan:    promise.Plan{Cover: promise.Plain, Rows: true},
		Skip:    needsClaims,
		Do: func(a *attempt) error {
			return a.claim("SELECT COUNT(*) FROM %s WHERE cell = ?", func(count []int64, units int64) (int64, bool) {
				return a.op.ID, count[0] < units
			})
		},
	}
}

// claim takes a unit of the operation's cell in the slot that choose picks from what query answers, or gives back the one
// that the undone operation took.
func (a *attempt) claim(query string, choose func(got []int64, units int64) (slot int64, room bool)) error {
	step := &a.op.Steps[0]
	table, units := a.row.names.of(a.row.group(step.Cell).Claims), a.row.start.Values[step.Cell]
	entry := harness.Entry{Op: a.op.ID, Cell: step.Cell, Delta: step.Delta}
	places := a.row.dialect.places
	return a.tx(a.row.dialect.Begin, func() error {
		if step.Delta > 0 {
			n, err := a.exec("give back", places("DELETE FROM "+table+" WHERE op = ?"), a.op.Undoes)
			if err != nil {
				return err
			}
			if n != 1 {
				return fmt.Errorf("give back the unit of operation %d: %d rows in %s", a.op.Undoes, n, table)
			}
			a.wrote = append(a.wrote, entry)
			return a.journal()
		}
		if err := a.at(harness.AtRead); err != nil {
			return err
		}
		got, err := a.conn.Query(a.ctx, places(fmt.Sprintf(query, table)), int64(step.Cell))
		if err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
		slot, room := choose(got, units)
		if !room {
			return errRejected
		}
		if err := a.at(harness.AtGap); err != nil {
			return err
		}
		insert := places("INSERT INTO " + table + " (op, cell, slot) VALUES (?, ?, ?)")
		if _, err := a.exec("claim", insert, a.op.ID, int64(step.Cell), slot); err != nil {
			return err
		}
		a.wrote = append(a.wrote, entry)
		return a.journal()
	})
}

// freeSlot picks one of the numbers 0 … units-1 that are not taken, a different one for different operations.
func freeSlot(taken []int64, units, op int64) (int64, bool) {
	free := units - int64(len(taken))
	if free <= 0 {
		return 0, false
	}
	isTaken := make(map[int64]bool, len(taken))
	for _, s := range taken {
		isTaken[s] = true
	}
	nth := int64(uint64(op) * 0x9e3779b97f4a7c15 >> 33 % uint64(free))
	for slot := range units {
		if isTaken[slot] {
			continue
		}
		if nth == 0 {
			return slot, true
		}
		nth--
	}
	return 0, false
}
