package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
)

// naive is the bug: it reads the cells, decides, and writes what it computed, while others do the same. Each load and store
// is atomic, so the race detector is content; the race is in the logic.
type naive struct {
	values, versions []atomic.Int64
}

func newNaive(start harness.State) shared {
	n := &naive{values: make([]atomic.Int64, len(start.Values)), versions: make([]atomic.Int64, len(start.Values))}
	for c, v := range start.Values {
		n.values[c].Store(v)
	}
	return n
}

func (n *naive) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	if op.ReadOnly() {
		if err := s.at(ctx, harness.AtRead, nil); err != nil {
			return harness.Result{Outcome: harness.Failed, Err: err}
		}
		for i := range op.Steps {
			for _, c := range op.Steps[i].Cells {
				s.sees(op, c, n.values[c].Load(), n.versions[c].Load())
			}
		}
		return s.result(harness.OK, 0)
	}
	if err := s.at(ctx, harness.AtRead, s.touched); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	for _, c := range s.touched {
		s.values[c] = n.values[c].Load()
		s.sees(op, c, s.values[c], n.versions[c].Load())
	}
	if err := s.at(ctx, harness.AtGap, noCells); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	if !harness.Decide(s.values, op) {
		return s.result(harness.Rejected, 0)
	}
	kept := len(s.journal)
	err := n.write(ctx, s, op)
	switch {
	case err == nil:
		return s.result(harness.OK, 0)
	case errors.Is(err, harness.ErrDeclined):
		return s.result(harness.Rejected, 0)
	case len(s.journal) > kept:
		res := s.result(harness.Unknown, 0)
		res.Err = fmt.Errorf("stopped halfway: %w", err)
		return res
	}
	return harness.Result{Outcome: harness.Failed, Err: err}
}

// write stores what do decided, cell by cell, with the Calls in their places. What was stored before a Call that does not go
// well stays.
func (n *naive) write(ctx context.Context, s *session, op *harness.Op) error {
	slices.Sort(s.touched)
	step := 0
	for _, c := range append(s.touched, harness.NoCell) {
		for call := range op.CallsBefore(&step, c) {
			if err := s.at(ctx, harness.AtCall, noCells); err != nil {
				return err
			}
			if err := call.Answer(); err != nil {
				return err
			}
		}
		if delta := op.DeltaOf(c); delta != 0 {
			s.one[0] = c
			if err := s.at(ctx, harness.AtWrite, s.one[:]); err != nil {
				return err
			}
			n.values[c].Store(s.values[c])
			s.journal = append(s.journal, harness.Entry{Op: op.ID, Cell: c, Delta: delta, Version: n.versions[c].Add(1)})
		}
	}
	return nil
}

func (n *naive) state() (values, versions []int64) {
	for c := range n.values {
		values = append(values, n.values[c].Load())
		versions = append(versions, n.versions[c].Load())
	}
	return values, versions
}

func (n *naive) close() {}
