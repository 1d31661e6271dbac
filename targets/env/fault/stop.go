package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// stopper stops whole application servers, with whatever locks their clients hold. No connection of such a process gives a sign meanwhile.
type stopper struct{ processes []store.Process }

// Prepare asks for locks that can end before the process goes on.
func (s *stopper) Prepare(spec *store.RowSpec) (skip string) {
	if shortest := spec.Env.ShortestLock; shortest > 0 {
		return fmt.Sprintf("its locks live for %v at least, and a process that stands still for so long counts as lost; run it without --workers", shortest)
	}
	return ""
}

// Wrap has nothing to change: clients do not know what stops them.
func (s *stopper) Wrap(inner harness.Target) harness.Target { return inner }

// Inject stops one after the other.
func (s *stopper) Inject(ctx context.Context, on store.Victims) error {
	return interval{300 * time.Millisecond, 700 * time.Millisecond}.strike(ctx, on, func() error {
		p := s.processes[on.Rand.IntN(len(s.processes))]
		if p.Stop() != nil {
			return nil // it has ended, which its coordinator says
		}
		mended := on.Note("application server stopped")
		_ = harness.Sleep(ctx, store.ProcessPause) // it goes on too where the round ends before
		err := p.Continue()
		mended()
		return err
	})
}

// Close has nothing to end.
func (s *stopper) Close() error { return nil }
