package fault

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// interval is how often a fault strikes: after the first, each time when things have been well for between least and most, or as long as the last
// fault took, if that was longer: a server that is slow to come back would have no time to serve otherwise. Things are well when the clients are
// served again, since connections that break as soon as they are made serve nobody.
type interval struct{ least, most time.Duration }

// The first strike comes early, so that short rounds have one too.
const (
	firstLeast = 100 * time.Millisecond
	firstMost  = 200 * time.Millisecond
)

// strike calls do again and again until ctx ends, or with its first error.
func (w interval) strike(ctx context.Context, on store.Victims, do func() error) error {
	for well := between(on.Rand, firstLeast, firstMost); harness.Sleep(ctx, well) == nil; {
		from := time.Now()
		if err := do(); err != nil {
			return err
		}
		well = max(between(on.Rand, w.least, w.most), time.Since(from))
		if !served(ctx, on) {
			break
		}
	}
	return nil
}

// lookEvery is how long a fault waits before it looks again whether clients are served.
const lookEvery = 10 * time.Millisecond

// served waits until clients are served: each has its turn from now on. Not: ctx ended before.
func served(ctx context.Context, on store.Victims) bool {
	for before := on.Served(); on.Served()-before < on.Turn; {
		if harness.Sleep(ctx, lookEvery) != nil {
			return false
		}
	}
	return true
}

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1))
}
