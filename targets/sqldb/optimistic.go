package sqldb

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// optimistic reads without locks, and writes only where the version is still the one it read; every row read is compared and
// bumped, written or not. Where an operation has several rows it needs dirty reads prevented: a version that is taken back
// may be given out again.
func optimistic() Strategy {
	return Strategy{
		Name:    "optimistic",
		Explain: "UPDATE … WHERE version = the one that was read, for every row read; a miss starts over: safe without dirty reads",
		Plan:    promise.Plan{Cover: promise.Compared},
		Do: func(a *attempt) error {
			return a.tx(a.row.dialect.Begin, func() error {
				if err := a.look(a.cells); err != nil {
					return err
				}
				if err := a.decide(); err != nil {
					return err
				}
				if err := a.compareSet(); err != nil {
					return err
				}
				return a.journal()
			})
		},
	}
}

// compareSet writes what decide computed where nothing has changed since it was read.
func (a *attempt) compareSet() error {
	for i := range a.found {
		f := &a.found[i]
		st, id := a.row.at(f.Cell)
		sql, args := st.bump, []any{id, f.Version}
		if f.Kind != harness.Reads {
			sql, args = st.compareSet, []any{a.values[f.Cell], id, f.Version}
		}
		ok, err := a.write(f.Cell, sql, args...)
		if err != nil {
			return err
		}
		if !ok {
			return conflict(harness.VersionMiss, "%s is no longer at version %d", a.row.start.CellName(f.Cell), f.Version)
		}
	}
	return nil
}
