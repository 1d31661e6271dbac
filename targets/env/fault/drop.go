package fault

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// droppedIn says that one in so many connections breaks at a time.
const droppedIn = 3

// dropConnection breaks some of the connections, whatever they are doing.
func dropConnection(ctx context.Context, w *connFault, on store.Victims) error {
	some := func() bool { return on.Rand.IntN(droppedIn) == 0 }
	reset := func() bool { return on.Rand.IntN(2) == 0 }
	return interval{50 * time.Millisecond, 250 * time.Millisecond}.strike(ctx, on, func() error {
		mended := on.Note("connections dropped")
		w.n.Add(int64(w.network.Sever(some, reset)))
		mended() // for good: clients make new ones
		return nil
	})
}

func dropFigure() store.Figure { return store.Figure{Name: "dropped", Unit: "connections broken"} }
