package memory

import (
	"context"
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
)

// naive is the bug: it reads the cells, decides, and writes what it computed, while others do the same. Each load and store
// is atomic, so the race detector is content; the race is in the logic.
type naive struct {
	values, versions []atomic.Int64
	hook             harness.Hook
}

func newNaive(start harness.State, hook harness.Hook) shared {
	n := &naive{values: make([]atomic.Int64, len(start.Values)), versions: make([]atomic.Int64, len(start.Values)), hook: hook}
	for c, v := range start.Values {
		n.values[c].Store(v)
	}
	return n
}

func (n *naive) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	if err := n.hook.At(ctx, harness.AtRead); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	if op.ReadOnly() {
		for i := range op.Steps {
			for _, c := range op.Steps[i].Cells {
				s.sees(op, c, n.values[c].Load(), n.versions[c].Load())
			}
		}
		return s.result(harness.OK, 0)
	}
	for _, c := range s.touched {
		s.values[c] = n.values[c].Load()
		s.sees(op, c, s.values[c], n.versions[c].Load())
	}
	if err := n.hook.At(ctx, harness.AtGap); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	if !harness.Apply(s.values, op) {
		return s.result(harness.Rejected, 0)
	}
	for i := range s.seen {
		if a := &s.seen[i]; a.Kind == harness.Writes {
			n.values[a.Cell].Store(s.values[a.Cell])
			version := n.versions[a.Cell].Add(1)
			s.journal = append(s.journal, harness.Entry{Op: op.ID, Cell: a.Cell, Delta: a.Delta, Version: version})
		}
	}
	return s.result(harness.OK, 0)
}

func (n *naive) state() (values, versions []int64) {
	for c := range n.values {
		values = append(values, n.values[c].Load())
		versions = append(versions, n.versions[c].Load())
	}
	return values, versions
}

func (n *naive) close() {}
