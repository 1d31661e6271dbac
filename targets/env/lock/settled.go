package lock

import (
	"context"
	"errors"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// settled returns once every transaction that was under way has ended. Where the server is away, it waits for it to come back. A store
// that cannot be asked is given a grace.
func settled(ctx context.Context, server store.Server, since time.Time) error {
	asked, ok := server.(store.Settling)
	for ok {
		err := asked.Settle(ctx)
		if err == nil {
			return nil
		}
		if ok = !errors.Is(err, errors.ErrUnsupported); ok && harness.Sleep(ctx, retryEvery) != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
	return harness.Sleep(ctx, time.Until(since.Add(grace)))
}
