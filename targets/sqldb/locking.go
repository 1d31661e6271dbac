package sqldb

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

func hasRowLocks(d *Dialect) bool { return d.ForUpdate != "" }

// for-update locks every row that it reads, in cell order, before it decides. It needs nothing prevented.
func forUpdate() Strategy {
	return Strategy{
		Name:    "for-update",
		Explain: "SELECT … FOR UPDATE on every row it reads, in cell order (SQLite: BEGIN IMMEDIATE): safe, others wait",
		Plan:    promise.Plan{Cover: promise.Locked},
		Skip: offered(func(d *Dialect) bool { return hasRowLocks(d) || d.BeginLock != "" },
			"the engine has no SELECT … FOR UPDATE"),
		Do: func(a *attempt) error { return lockSet(a, a.cells, lockedRead) },
	}
}

// for-update-unordered locks in the operation's own order: safe, but two transfers in opposite directions deadlock.
func forUpdateUnordered() Strategy {
	return Strategy{
		Name:    "for-update-unordered",
		Explain: "the same locks in the operation's own order: safe, but opposite transfers deadlock and one must start over",
		Plan:    promise.Plan{Cover: promise.Locked},
		Skip: skipFirst(
			offered(hasRowLocks, "the engine locks the whole database, so there is no order"),
			func(_ *Dialect, s *Shape) string {
				if s.Cells < 2 {
					return "operations touch one row, so there is no order"
				}
				return ""
			}),
		Do: func(a *attempt) error { return lockSet(a, a.op.Touches(nil), lockedRead) },
	}
}

// nowait is for-update that gives up at once instead of waiting.
func noWait() Strategy {
	return Strategy{
		Name:    "nowait",
		Explain: "SELECT … FOR UPDATE NOWAIT: safe, fails at once where it would have to wait, and tries again later",
		Plan:    promise.Plan{Cover: promise.Locked},
		Skip:    offered(func(d *Dialect) bool { return d.NoWait != "" }, "the engine has no NOWAIT"),
		Do:      func(a *attempt) error { return lockSet(a, a.cells, noWaitRead) },
	}
}

// lockSet reads cells with a locking SELECT, decides, writes what it computed, and writes the journal.
func lockSet(a *attempt, cells []harness.Cell, pick func(*statements) string) error {
	begin := a.row.dialect.Begin
	if !hasRowLocks(a.row.dialect) {
		begin = a.row.dialect.BeginLock
	}
	return a.tx(begin, func() error {
		if err := a.read(cells, pick); err != nil {
			return err
		}
		if err := a.decide(); err != nil {
			return err
		}
		if err := a.set(); err != nil {
			return err
		}
		return a.journal()
	})
}
