package harness

import (
	"context"
	"runtime"
	"time"
)

// PauseInGap is a Hook that pauses for d between an operation's last read and its first write, with whatever locks are held:
// it widens the race window, as a slow application does.
func PauseInGap(d time.Duration) Hook {
	return func(ctx context.Context, a Action) error {
		if a.Point != AtGap {
			return nil
		}
		return Sleep(ctx, d)
	}
}

// Sleep waits for d, or until ctx ends: then it returns ctx's error.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// YieldInGap is the Hook of targets inside this process: one scheduling point between an operation's last read and its first
// write, locks held, in every strategy alike. Without it an operation is so short that two hardly ever meet, and recording
// them hides the race.
func YieldInGap(_ context.Context, a Action) error {
	if a.Point == AtGap {
		runtime.Gosched()
	}
	return nil
}
