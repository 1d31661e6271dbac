package engine

import (
	"context"
	"time"
)

const (
	// interruptGrace is how long the attempts that are under way when the user interrupts may go on.
	interruptGrace = 5 * time.Second
	// lastLook is how long reading the final state may take after an interrupt.
	lastLook = 10 * time.Second
)

// outlast is a context that ends some time after ctx does, and no sooner. Work that must not be torn goes on under it.
func outlast(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-over:
		}
	})
	return longer, func() {
		if stop() {
			cancel()
			return
		}
		close(over)
		cancel()
	}
}
