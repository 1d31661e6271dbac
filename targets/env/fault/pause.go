package fault

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// pauseLasts is how long the server stands still.
const pauseLasts = 200 * time.Millisecond

// pause holds up everything on its way for a while, as a server does that stands still; then all of it goes on.
func pause(ctx context.Context, w *connFault, on store.Victims) error {
	return interval{400 * time.Millisecond, time.Second}.strike(ctx, on, func() error {
		mended := on.Note("server paused")
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
