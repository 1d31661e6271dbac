package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// recoverTimeout bounds how long it takes to finish what was left unfinished.
const recoverTimeout = 60 * time.Second

// finished is the store's state once no operation is left unfinished. No session is at work.
func (t *target) finished(ctx context.Context) (harness.State, error) {
	until, cancel := context.WithTimeout(ctx, recoverTimeout)
	defer cancel()
	for {
		final, err := t.inner.Snapshot(ctx)
		if err != nil {
			return final, err
		}
		left := t.book.unfinished()
		if len(left) == 0 {
			return final, nil
		}
		if err := until.Err(); err != nil {
			return final, fmt.Errorf("%d operations could not be settled: %w", len(left), err)
		}
		if err := t.recoverAll(until, left, &final); err != nil {
			return final, err
		}
	}
}

// recoverAll goes through what is not settled, as a shop does that starts again: what the journal does not have never happened, what it has
// wholly is done, and the rest is brought to its end.
func (t *target) recoverAll(ctx context.Context, left []*unsettled, final *harness.State) error {
	there := make(map[int64]bool, 2*len(left))
	for _, u := range left {
		there[u.op.ID], there[second(u.op.ID)] = false, false
	}
	for i := range final.Entries {
		if _, asked := there[final.Entries[i].Op]; asked {
			there[final.Entries[i].Op] = true
		}
	}
	inner, err := t.inner.Session(ctx, harness.SessionOptions{Fence: t.fence.highest})
	if err != nil {
		return fmt.Errorf("finish what was left unfinished: %w", err)
	}
	s := &session{row: t, inner: inner}
	for _, u := range left {
		if !there[u.op.ID] || there[second(u.op.ID)] {
			t.book.settled(u)
			continue
		}
		t.recovered.Add(1)
		s.finish(ctx, u) // if it does not come to an end, it is there again
	}
	return s.Close()
}
