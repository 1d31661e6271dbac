package fault

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// pauseLasts is how long the server stands still.
const pauseLasts = 200 * time.Millisecond

// pause holds up everything on its way for a while, as a server does that stands still; then all of it goes on.
func pause(ctx context.Context, r *rand.Rand, w *connFault, note noting) error {
	return interval{400 * time.Millisecond, time.Second}.strike(ctx, r, func() error {
		mended := note("server paused")
		release := w.network.Hold()
		_ = harness.Sleep(ctx, pauseLasts) // it goes on too where the round ends before
		release()
		mended()
		w.n.Add(1)
		return nil
	})
}

func pauseFigure() store.Figure {
	return store.Figure{Name: "pauses", Unit: "times the server stood still"}
}
