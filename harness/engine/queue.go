package engine

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// queue is where clients wait for a connection that share fewer: one token a connection. They are served in the order in which they came.
type queue chan struct{}

// newQueue is nil where no client has to wait.
func newQueue(target harness.Target, clients int) queue {
	p, ok := target.(store.Pooled)
	if !ok || p.Connections() <= 0 || p.Connections() >= clients {
		return nil
	}
	return make(queue, p.Connections())
}

func (q queue) enter(ctx context.Context) error {
	select {
	case q <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a free connection: %w", ctx.Err())
	}
}

func (q queue) leave() { <-q }
