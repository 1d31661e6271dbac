package fault

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// delayed is how much longer each message takes: a round trip takes twice as much, as between two towns.
const delayed = time.Millisecond

// delay has all messages take longer for as long as clients run.
func delay(ctx context.Context, w *connFault, on store.Victims) error {
	mended := on.Note("messages delayed by " + delayed.String())
	w.n.Store(delayed.Milliseconds())
	w.network.Delay(delayed)
	<-ctx.Done()
	w.network.Delay(0)
	mended()
	return nil
}

func delayFigure() store.Figure {
	return store.Figure{Name: "delay", Unit: "ms longer for each message, there and back", Of: 1}
}
