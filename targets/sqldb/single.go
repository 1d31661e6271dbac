package sqldb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// single-statement does the whole operation and its journal in one statement, which commits by itself: one round trip. It
// needs stmt-skew prevented only where the guard reads other rows.
func singleStatement() Strategy {
	return Strategy{
		Name:    "single-statement",
		Explain: "the operation and its journal in one WITH … UPDATE … INSERT, committed by itself: safe in one round trip",
		Plan:    promise.Plan{Cover: promise.Conditional}, OneStatement: true,
		Skip: skipFirst(
			offered(func(d *Dialect) bool { return d.WritesInWith }, "the engine allows no UPDATE inside WITH"),
			withoutCalls,
			func(_ *Dialect, s *Shape) string {
				if s.Guards > 1 {
					return "one statement cannot take back its first guarded write when the second is refused"
				}
				return ""
			}),
		Do: func(a *attempt) error {
			sql, args := a.row.single(a.op)
			n, err := a.exec("operation in one statement", sql, args...)
			if err != nil {
				return err
			}
			if n == 0 {
				return errRejected
			}
			return nil
		},
	}
}

// single builds the statement: lock the rows to be written in cell order, update the guarded one, then the others if that
// one was updated, and journal what was updated.
func (t *target) single(op *harness.Op) (string, []any) {
	steps := slices.Clone(op.Steps)
	slices.SortStableFunc(steps, func(a, b harness.Step) int { return len(b.Guard.Cells) - len(a.Guard.Cells) })
	var with, rows []string
	var args []any
	if len(steps) > 1 {
		for i := range steps {
			_, id := t.at(steps[i].Cell)
			args = append(args, id)
		}
		with = append(with, fmt.Sprintf("locked AS MATERIALIZED (SELECT id FROM %s WHERE id IN (%s) ORDER BY id FOR UPDATE)",
			t.table(steps[0].Cell), list("?", len(steps))))
	}
	for i := range steps {
		s := &steps[i]
		g := t.names.group(t.group(s.Cell))
		_, id := t.at(s.Cell)
		where := "id = ?"
		args = append(args, s.Delta, id)
		if n := len(s.Guard.Cells); n == 1 && s.Guard.Cells[0] == s.Cell {
			where += fmt.Sprintf(" AND %s + ? >= ?", g.Column)
		} else if n > 0 {
			where += fmt.Sprintf(" AND (SELECT SUM(%s) FROM %s WHERE id IN (%s)) + ? >= ?", g.Column, g.Table, list("?", n))
			for _, c := range s.Guard.Cells {
				_, other := t.at(c)
				args = append(args, other)
			}
		}
		if len(s.Guard.Cells) > 0 {
			args = append(args, s.Delta, s.Guard.Min)
		}
		if len(steps) > 1 && i == 0 {
			where += fmt.Sprintf(" AND (SELECT COUNT(*) FROM locked) = %d", len(steps))
		} else if i > 0 {
			where += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM w%d)", i-1)
		}
		with = append(with, fmt.Sprintf("w%d AS (UPDATE %s SET %s = %s + ?, version = version + 1 WHERE %s RETURNING version)",
			i, g.Table, g.Column, g.Column, where))
	}
	for i := range steps {
		rows = append(rows, fmt.Sprintf("SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), version FROM w%d", i))
		args = append(args, op.ID, int64(steps[i].Cell), steps[i].Delta)
	}
	return t.dialect.places(fmt.Sprintf("WITH %s INSERT INTO %s (op, cell, delta, version) %s",
		strings.Join(with, ", "), t.names.of(t.start.Journal), strings.Join(rows, " UNION ALL "))), args
}
