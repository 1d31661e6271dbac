package fault

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// droppedIn says that one in so many connections breaks at a time.
const droppedIn = 3

// dropConnection breaks some of the connections, whatever they are doing.
func dropConnection(ctx context.Context, r *rand.Rand, w *connFault, note noting) error {
	some := func() bool { return r.IntN(droppedIn) == 0 }
	reset := func() bool { return r.IntN(2) == 0 }
	return interval{50 * time.Millisecond, 250 * time.Millisecond}.strike(ctx, r, func() error {
		mended := note("connections dropped")
		w.n.Add(int64(w.network.Sever(some, reset)))
		mended() // for good: clients make new ones
		return nil
	})
}

func dropFigure() store.Figure { return store.Figure{Name: "dropped", Unit: "connections broken"} }
