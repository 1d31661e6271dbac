package sqldb

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// naive-autocommit is the bug itself: SELECT, compute, UPDATE to the computed value, each statement a transaction of its own.
func naiveAutocommit() Strategy {
	return Strategy{
		Name:    "naive-autocommit",
		Explain: "SELECT, then UPDATE to the computed value, a transaction each: loses updates at every level",
		Plan:    promise.Plan{Cover: promise.Plain, Split: true, Partial: true},
		Do:      readSet,
	}
}

// naive-tx puts the same statements into one transaction, and trusts the isolation level to prevent P4 (and G2-item, where
// the decision reads other rows).
func naiveTx() Strategy {
	return Strategy{
		Name:    "naive-tx",
		Explain: "the same SELECT and UPDATE in one transaction: safe only where the level prevents lost updates (P4)",
		Plan:    promise.Plan{Cover: promise.Plain},
		Do: func(a *attempt) error {
			return a.tx(a.row.dialect.Begin, func() error { return readSet(a) })
		},
	}
}

// readSet reads, decides, writes what it computed, and writes the journal.
func readSet(a *attempt) error {
	if err := a.look(a.cells); err != nil {
		return err
	}
	if err := a.decide(); err != nil {
		return err
	}
	if err := a.set(); err != nil {
		return err
	}
	return a.journal()
}

// check-then-act is the commonest shop code: look whether there is enough, then subtract; it needs P4 prevented, because
// what it saw is old by the time it subtracts.
func checkThenAct() Strategy {
	return Strategy{
		Name:    "check-then-act",
		Explain: "SELECT, check, then UPDATE v = v - n in one transaction: the commonest shop code, oversells below P4",
		Plan:    promise.Plan{Cover: promise.Plain},
		Do:      checkAdd,
	}
}

// check-constraint is check-then-act under CHECK (v >= 0): the database refuses what the check let slip.
func checkConstraint() Strategy {
	return Strategy{
		Name:    "check-constraint",
		Explain: "check-then-act under CHECK (v >= 0): safe, the database refuses what the check let slip",
		Plan:    promise.Plan{Cover: promise.Constrained},
		Check:   true,
		Skip:    needsOwnGuard,
		Do:      checkAdd,
	}
}

// checkAdd reads what the guards ask about, decides, adds, and writes the journal.
func checkAdd(a *attempt) error {
	return a.tx(a.row.dialect.Begin, func() error {
		for i := range a.op.Steps {
			if err := a.look(a.op.Steps[i].Guard.Cells); err != nil {
				return err
			}
		}
		a.checked()
		if len(a.found) == 0 {
			if err := a.at(harness.AtGap); err != nil {
				return err
			}
		} else if err := a.decide(); err != nil {
			return err
		}
		if err := a.add(); err != nil {
			return err
		}
		return a.journal()
	})
}
