package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/sqldb"
	"github.com/lastseat/lastseat/workloads"
)

// shape is operations of a row that send the same statements: they have one name, and their cells in one order. What varies
// from one to the next are quantities, called op (its ID), amount, c0 and c1 (its cells' ids, in cell order) and a<n>_<column>
// (what its n-th statement answered).
type shape struct {
	name     string
	weight   int   // how often it was drawn
	cells    int   // distinct cells that it touches; 0: it reads them all
	from, to int64 // its amounts are drawn between these two, both included
	guards   []guard

	allowed, refused *take // refused is nil where the client decides nothing
}

// guard holds if the values of cells and times the amount are together at least min.
type guard struct {
	cells      []int
	times, min int64
}

const (
	// draws is how many operations are drawn to see which shapes there are, how often, and with which amounts.
	draws = 20_000
	// rehearsals is how often each shape is recorded, each time with other numbers.
	rehearsals = 12
	// The workload that is rehearsed is so large that a number hardly stands for two quantities by chance.
	rehearsedCells, rehearsedStock = 1 << 12, 1 << 40
)

// errShape is what shapesOf's errors match where the row itself is the reason.
var errShape = errors.New("no script can be made of this row")

// shapesOf records the statements that a row sends for all that its workload draws.
func shapesOf(ctx context.Context, server *sqldb.Server, w harness.Workload, strategy string, level harness.Level) ([]*shape, error) {
	var shapes []*shape
	byKey := map[string]*shape{}
	for op := range operations(w) {
		s := byKey[key(op)]
		if s == nil {
			s = newShape(op)
			byKey[key(op)], shapes = s, append(shapes, s)
		}
		s.weight++
		s.from, s.to = min(s.from, amount(op)), max(s.to, amount(op))
	}
	large, err := workloads.New(w.Name(), workloads.Config{Cells: rehearsedCells, Stock: rehearsedStock})
	if err != nil {
		return nil, err
	}
	start := large.Init()
	r, skip, err := server.Rehearse(store.RowSpec{Strategy: strategy, Level: level, Start: start, Samples: large.Samples()})
	if err != nil {
		return nil, err
	}
	if skip != "" {
		return nil, fmt.Errorf("%w: %s", errShape, skip)
	}
	times := map[*shape]int{}
	for op := range operations(large) {
		s := byKey[key(op)]
		if times[s]++; times[s] > rehearsals {
			continue
		}
		if err := s.rehearse(ctx, r, op); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errShape, op.Name, err)
		}
	}
	return shapes, nil
}

// operations draws what one client does whose every operation succeeds.
func operations(w harness.Workload) iter.Seq[*harness.Op] {
	return func(yield func(*harness.Op) bool) {
		c := w.Client(0, rand.New(rand.NewPCG(1, 1)))
		var last harness.Answer
		for i := range draws {
			op := c.Next(last)
			op.ID = harness.OpID(0, i+1)
			last = harness.Answer{Op: op.ID, Outcome: harness.OK}
			if !yield(op) {
				return
			}
		}
	}
}

// sorted is the distinct cells that op touches, in cell order.
func sorted(op *harness.Op) []harness.Cell {
	cells := op.Touches(nil)
	slices.Sort(cells)
	return cells
}

// key tells shapes apart: the name, and for each step where its cell stands in cell order and which way its amount goes.
func key(op *harness.Op) string {
	k, cells := op.Name, sorted(op)
	for i := range op.Steps {
		k += fmt.Sprintf(" %d,%t", slices.Index(cells, op.Steps[i].Cell), op.Steps[i].Delta > 0)
	}
	return k
}

// amount is how much op moves; 0 if it only reads.
func amount(op *harness.Op) int64 { return max(op.Steps[0].Delta, -op.Steps[0].Delta) }

func newShape(op *harness.Op) *shape {
	cells := sorted(op)
	s := &shape{name: op.Name, cells: len(cells), from: amount(op), to: amount(op)}
	for i := range op.Steps {
		from := &op.Steps[i].Guard
		if len(from.Cells) == 0 {
			continue
		}
		g := guard{min: from.Min}
		for _, c := range from.Cells {
			g.cells = append(g.cells, slices.Index(cells, c))
			for j := range op.Steps[:i+1] {
				if op.Steps[j].Cell == c {
					g.times += op.Steps[j].Delta / amount(op)
				}
			}
		}
		s.guards = append(s.guards, g)
	}
	return s
}

// rehearse records op once where it is allowed, and once where what it reads forbids it.
func (s *shape) rehearse(ctx context.Context, r *sqldb.Rehearsal, op *harness.Op) error {
	for _, refuse := range []bool{false, true} {
		t := newTake(op, refuse)
		res := r.Do(ctx, t, op)
		into := &s.allowed
		switch {
		case refuse && res.Outcome == harness.Rejected:
			into = &s.refused
		case res.Outcome != harness.OK:
			return fmt.Errorf("rehearsed with made-up answers, it is %s: %w", res.Outcome, res.Err)
		case refuse:
			continue // it does not decide by what it reads
		}
		if *into == nil {
			*into = t
		} else if err := (*into).agree(t); err != nil {
			return err
		}
	}
	return nil
}

// fork is how many statements come before the client decides; all of them if it does not.
func (s *shape) fork() int {
	n := len(s.allowed.statements)
	if s.refused == nil {
		return n
	}
	for i := range s.refused.statements {
		if i == n || s.refused.statements[i].sql != s.allowed.statements[i].sql {
			return i
		}
	}
	return len(s.refused.statements)
}
