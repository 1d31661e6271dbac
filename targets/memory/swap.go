package memory

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
)

// swap holds all cells in one immutable image. An operation works on a copy and swaps it in if the image is still the one it
// read; otherwise somebody was faster, and the attempt is a version miss.
type swap struct {
	now atomic.Pointer[image]
}

func newSwap(start harness.State) shared {
	w := &swap{}
	m := newImage(start)
	w.now.Store(&m)
	return w
}

func (w *swap) do(ctx context.Context, s *session, op *harness.Op) harness.Result {
	if err := s.at(ctx, harness.AtRead, nil); err != nil {
		return harness.Result{Outcome: harness.Failed, Err: err}
	}
	old := w.now.Load()
	if op.ReadOnly() {
		return old.applied(ctx, s, op, 0)
	}
	next := &image{values: slices.Clone(old.values), versions: slices.Clone(old.versions)}
	kept := len(s.journal)
	res := next.applied(ctx, s, op, 0)
	if res.Outcome == harness.OK && !w.now.CompareAndSwap(old, next) {
		s.journal = s.journal[:kept]
		return harness.Result{Outcome: harness.Failed, Conflict: harness.VersionMiss}
	}
	return res
}

func (w *swap) state() (values, versions []int64) { return w.now.Load().state() }

func (w *swap) close() {}
