package program

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/serial"
)

// told is what is to be said of a point.
func (s *strikes) told(f Fault, o *serial.Outcome, broken []string, fits bool) *Point {
	p := &Point{Fault: f.Name(len(o.Answers)), Kind: f.Kind, Client: f.Client, Statement: f.Statement, Verdict: harness.Safe, Answers: answers(o), Broken: broken}
	n := 0
	for i := range s.Statements {
		if s.Statements[i].Client == f.Client {
			if n++; n == f.Statement {
				p.SQL = s.Statements[i].SQL
			}
		}
	}
	if fits && len(broken) == 0 {
		return p
	}
	p.Verdict = harness.Unsafe
	var with, without []int
	for c := range s.Operations {
		if with = append(with, c); c != f.Client {
			without = append(without, c)
		}
	}
	done, undone, twice := s.inOrder(with), s.inOrder(without), s.inOrder([]int{f.Client, f.Client})
	if done == nil || undone == nil {
		return p
	}
	for i := range o.Tables {
		asDone, asUndone := s.judge.SameTable(o, done, i), s.judge.SameTable(o, undone, i)
		if asDone && asUndone {
			continue
		}
		t := Standing{Table: o.Tables[i].Name, AsIf: Neither, Holds: table(&o.Tables[i]), Done: table(&done.Tables[i]), Undone: table(&undone.Tables[i])}
		switch {
		case asDone:
			t.AsIf = Done
		case asUndone:
			t.AsIf = Undone
		case f.Kind == Repeat && twice != nil && s.judge.SameTable(o, twice, i):
			t.AsIf = Twice
		}
		p.Tables = append(p.Tables, t)
	}
	return p
}

// inOrder is what came of a serial order; nil: it was not run.
func (s *strikes) inOrder(order []int) *serial.Outcome {
	for _, o := range s.judge.Orders() {
		if slices.Equal(o.Clients, order) {
			return o.Runs[0]
		}
	}
	return nil
}

// table is a table as it is shown.
func table(t *serial.Table) Difference {
	rows := slices.Clone(t.Rows)
	slices.SortFunc(rows, slices.Compare)
	return Difference{t.Name, t.Columns, rows}
}
