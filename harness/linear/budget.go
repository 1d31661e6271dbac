package linear

import (
	"context"
	"fmt"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// budget is what the searches of all keys share.
type budget struct {
	ctx      context.Context
	limits   Limits
	deadline atomic.Int64 // nanoseconds since start
	start    time.Time
	heap     int64 // bytes of the heap when it began
}

// grace is how long searches go on once one key is known to be broken: the verdict stands, they could only add to it.
const grace = time.Second

func newBudget(ctx context.Context, limits Limits) *budget {
	b := &budget{ctx: ctx, limits: limits, start: time.Now(), heap: heapBytes()}
	b.deadline.Store(int64(limits.Time))
	return b
}

// hurry leaves the searches under way no more than the grace.
func (b *budget) hurry() {
	until := int64(time.Since(b.start) + grace)
	for {
		old := b.deadline.Load()
		if old <= until || b.deadline.CompareAndSwap(old, until) {
			return
		}
	}
}

// exceeded says which limit is met; empty: none.
func (b *budget) exceeded() string {
	if b.ctx.Err() != nil {
		return "it was interrupted"
	}
	if deadline := b.deadline.Load(); int64(time.Since(b.start)) > deadline {
		if deadline < int64(b.limits.Time) {
			return fmt.Sprintf("another key is broken, and the search was given %v more", grace)
		}
		return fmt.Sprintf("the search took longer than %v", b.limits.Time)
	}
	if heapBytes()-b.heap > b.limits.Memory {
		return fmt.Sprintf("the search needs more than %d MB", b.limits.Memory>>20)
	}
	return ""
}

// heapBytes is what the heap holds, garbage not yet collected included.
func heapBytes() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
