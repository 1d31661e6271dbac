package fault

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// partitionLasts is how long nothing gets through.
const partitionLasts = 300 * time.Millisecond

// partition lets nothing through for a while, and then breaks all connections that there are.
func partition(ctx context.Context, r *rand.Rand, w *connFault, note noting) error {
	return interval{700 * time.Millisecond, 1200 * time.Millisecond}.strike(ctx, r, func() error {
		mended := note("partition")
		heal := w.network.Partition()
		_ = harness.Sleep(ctx, partitionLasts) // it is healed too where the round ends before
		heal()
		mended()
		w.n.Add(1)
		return nil
	})
}

func partitionFigure() store.Figure {
	return store.Figure{Name: "partitions", Unit: "times nothing got through"}
}
