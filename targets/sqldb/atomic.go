package sqldb

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// atomic lets the write itself check: UPDATE … SET v = v - n WHERE v >= n. It needs nothing prevented.
func atomic() Strategy {
	return Strategy{
		Name:    "atomic",
		Explain: "UPDATE v = v - n WHERE v >= n, in cell order in one transaction: safe at every level, no read at all",
		Plan:    promise.Plan{Cover: promise.Conditional},
		Skip:    needsOwnGuard,
		Do:      conditionalAdd,
	}
}

// subquery-guard is atomic with a guard over several rows, read by a subquery: it needs stmt-skew prevented.
func subqueryGuard() Strategy {
	return Strategy{
		Name:    "subquery-guard",
		Explain: "UPDATE … WHERE (SELECT sum of several rows) >= n: looks atomic, but the subquery locks nothing (stmt-skew)",
		Plan:    promise.Plan{Cover: promise.Conditional},
		Skip: func(_ *Dialect, s *Shape) string {
			if !s.ReadsOthers {
				return "the guard reads only the row that is written: that is atomic"
			}
			return ""
		},
		Do: conditionalAdd,
	}
}

// conditionalAdd is a conditional UPDATE a cell, in cell order, and the journal.
func conditionalAdd(a *attempt) error {
	return a.tx(a.row.dialect.Begin, func() error {
		for _, c := range a.cells {
			if a.op.DeltaOf(c) == 0 {
				continue
			}
			if err := a.addIf(a.stepOf(c)); err != nil {
				return err
			}
		}
		return a.journal()
	})
}

// stepOf is the operation's step on a cell.
func (a *attempt) stepOf(c harness.Cell) *harness.Step {
	i := slices.IndexFunc(a.op.Steps, func(s harness.Step) bool { return s.Kind == harness.Add && s.Cell == c })
	return &a.op.Steps[i]
}

// addIf adds to a step's cell if its guard allows it.
func (a *attempt) addIf(s *harness.Step) error {
	st, id := a.row.at(s.Cell)
	sql, args := st.add, []any{s.Delta, id}
	switch g := s.Guard.Cells; {
	case len(g) == 1 && g[0] == s.Cell:
		sql, args = st.addIf, append(args, s.Delta, s.Guard.Min)
	case len(g) > 0:
		sql = st.addIfSum[len(g)]
		for _, c := range g {
			_, other := a.row.at(c)
			args = append(args, other)
		}
		args = append(args, s.Delta, s.Guard.Min)
	}
	ok, err := a.write(s.Cell, sql, args...)
	if err != nil {
		return err
	}
	if !ok {
		return errRejected
	}
	return nil
}
