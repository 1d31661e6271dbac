package fault

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// interval is how often a fault strikes: after the first, each time when things have been well for between least and most, or as long as the last
// fault took, if that was longer: a server that is slow to come back would have no time to serve otherwise.
type interval struct{ least, most time.Duration }

// The first strike comes early, so that short rounds have one too.
const (
	firstLeast = 100 * time.Millisecond
	firstMost  = 200 * time.Millisecond
)

// strike calls do again and again until ctx ends, or with its first error.
func (w interval) strike(ctx context.Context, r *rand.Rand, do func() error) error {
	for well := between(r, firstLeast, firstMost); harness.Sleep(ctx, well) == nil; {
		from := time.Now()
		if err := do(); err != nil {
			return err
		}
		well = max(between(r, w.least, w.most), time.Since(from))
	}
	return nil
}

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1))
}
