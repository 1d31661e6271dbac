package lock

import (
	"context"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// keep is what a session holds on to in the background: locks whose operation may still take effect, and locks that could not be
// given back. They end with the session.
type background struct {
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
}

// settle gives locks back once the server has nothing under way that was when it was called; server nil: at once. locker is
// theirs, and is closed then.
func (k *background) settle(server store.Server, held []*hold, locker Locker) {
	since := time.Now()
	k.all.Go(func() {
		if server != nil {
			_ = settled(k.ctx, server, since) // only the session's end breaks it off
		}
		for _, h := range held {
			for k.ctx.Err() == nil {
				if h.unlock(k.ctx) == nil {
					break
				}
				_ = harness.Sleep(k.ctx, retryEvery) // as above
			}
			h.abandon()
		}
		if locker != nil {
			_ = locker.Close() // what it holds ends with it
		}
	})
}

// retryEvery is how often the background tries again what failed.
const retryEvery = 50 * time.Millisecond

func (k *background) close() {
	k.cancel()
	k.all.Wait()
}
