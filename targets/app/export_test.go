package app

import (
	"context"
	"sync"
)

// Bare makes all clients' requests at once, with nothing held.
func (l *Lane) Bare(ctx context.Context) {
	l.store.Touched()
	var all sync.WaitGroup
	for i, op := range l.ops {
		all.Go(func() { l.copies[i].call(ctx, &op.Request, op) })
	}
	all.Wait()
}
