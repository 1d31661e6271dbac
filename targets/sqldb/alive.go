package sqldb

import (
	"context"
	"time"
)

// Keeper tells others that a run is alive, as long as it is: by a lock of a session's, or by a time that is set again and again.
type Keeper struct {
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	// LockEvery is how often a run looks whether it still has the session that holds its lock.
	LockEvery = 5 * time.Second
	// BeatEvery is how often a run behind a pooler writes down that it is alive, and BeatDead how long after the last time it is
	// taken for dead.
	BeatEvery = 2 * time.Minute
	BeatDead  = time.Hour
)

// keepTimeout bounds one call of hold.
const keepTimeout = 30 * time.Second

// Keep calls hold again and again. Where it fails it is called again: the server may be away.
func Keep(every time.Duration, hold func(context.Context) error) *Keeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &Keeper{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			once, stop := context.WithTimeout(ctx, keepTimeout)
			_ = hold(once) // the next time may do better
			stop()
		}
	}()
	return k
}

// Stop ends it, and waits until hold has returned.
func (k *Keeper) Stop() {
	if k != nil {
		k.cancel()
		<-k.done
	}
}
