package fault

import (
	"context"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// partitionLasts is how long nothing gets through.
const partitionLasts = 300 * time.Millisecond

// partition lets nothing through for a while, and then breaks all connections that there are.
func partition(ctx context.Context, w *connFault, on store.Victims) error {
	return interval{700 * time.Millisecond, 1200 * time.Millisecond}.strike(ctx, on, func() error {
		mended := on.Note("partition")
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
