package sqldb

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// advisory takes a lock of the application's own before BEGIN and releases it after COMMIT: the snapshot comes after the
// lock. It needs nothing prevented.
func advisory() Strategy {
	return Strategy{
		Name:    "advisory",
		Explain: "a named lock of the session's own, taken before BEGIN and released after COMMIT: safe at every level",
		Plan:    promise.Plan{Cover: promise.Locked, Named: true},

		SessionLocks: true,

		Skip: offered(func(d *Dialect) bool { return d.AdvisoryLock != "" }, "the engine has no advisory locks"),
		Do: func(a *attempt) error {
			defer a.unlock()
			if err := a.lock(a.row.dialect.AdvisoryLock); err != nil {
				return err
			}
			return a.tx(a.row.dialect.Begin, func() error { return readSet(a) })
		},
	}
}

// advisory-late takes the lock inside the transaction. Where the transaction's first statement fixes the snapshot, that is
// the lock itself, and what is read afterwards is older than the lock: then it needs what naive-tx needs.
func advisoryLate() Strategy {
	return Strategy{
		Name:    "advisory-late",
		Explain: "the lock taken inside the transaction: at repeatable read the snapshot is older than the lock",
		Plan:    promise.Plan{Cover: promise.LockedLate},
		Skip: offered(func(d *Dialect) bool { return d.AdvisoryLate != "" },
			"the engine has no advisory lock that the transaction's end releases"),
		Do: func(a *attempt) error {
			return a.tx(a.row.dialect.Begin, func() error {
				if err := a.lock(a.row.dialect.AdvisoryLate); err != nil {
					return err
				}
				return readSet(a)
			})
		},
	}
}

// lock takes the advisory locks of the operation's cells, in cell order.
func (a *attempt) lock(sql string) error {
	for _, c := range a.cells {
		a.row.server.asks(a.conn.ID(), c)
		got, err := a.conn.Query(a.ctx, a.row.dialect.places(sql), a.row.server.cfg.Key, int64(c))
		if err != nil {
			return fmt.Errorf("lock %s: %w", a.row.start.CellName(c), err)
		}
		if len(got) != 1 || got[0] != 1 {
			return conflict(harness.LockTimeout, "the advisory lock of %s was not to be had in time", a.row.start.CellName(c))
		}
	}
	return nil
}

// unlock releases all advisory locks of the connection, after its transaction has ended.
func (a *attempt) unlock() {
	a.clean()
	if a.conn.Dead() {
		return
	}
	ctx, cancel := a.cleanContext()
	defer cancel()
	if _, err := a.conn.Query(ctx, a.row.dialect.AdvisoryUnlock); err != nil {
		_ = a.conn.Close() // the server releases the locks with the connection
	}
}
