package sqldb

import (
	"context"
	atomics "sync/atomic" // atomic is a strategy here
)

// Cutoff cuts a connection off where the context of the statement under way on it ends. The context of an attempt is watched once
// for all of its statements; one that ends between two of them leaves the connection alone. It is used by one goroutine at a time.
type Cutoff struct {
	// Cut has the connection's reader and writer fail at once. It is called from another goroutine.
	Cut func()

	attempt attemptContext
	now     *lookout    // of the statement under way
	stop    func() bool // of a statement whose context is not the attempt's
}

// attemptContext is a context that is watched until the attempt ends.
type attemptContext struct {
	ctx     context.Context
	lookout *lookout
	stop    func() bool
}

// lookout is what is under way while a context is watched.
type lookout struct {
	state atomics.Int32
	cut   func()
}

const (
	idle  = iota // nothing is under way
	busy         // a statement is
	ended        // the context has ended; what was under way is cut off
)

func (l *lookout) end() {
	if l.state.Swap(ended) == busy {
		l.cut()
	}
}

// Watch looks after all statements under ctx until Unwatch.
func (c *Cutoff) Watch(ctx context.Context) {
	a := &c.attempt
	if a.lookout == nil {
		a.lookout = &lookout{cut: c.Cut}
	}
	a.ctx, a.stop = ctx, context.AfterFunc(ctx, a.lookout.end)
}

// Unwatch ends what Watch began.
func (c *Cutoff) Unwatch() {
	a := &c.attempt
	if a.ctx == nil {
		return
	}
	if !a.stop() {
		a.lookout = nil // it is the ended context's
	}
	a.ctx = nil
}

// Enter begins a statement. It fails where ctx has ended already: nothing may be sent then.
func (c *Cutoff) Enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.now, c.stop = c.attempt.lookout, nil; ctx != c.attempt.ctx {
		c.now = &lookout{cut: c.Cut}
		c.stop = context.AfterFunc(ctx, c.now.end)
	}
	if !c.now.state.CompareAndSwap(idle, busy) {
		return ctx.Err()
	}
	return nil
}

// Leave ends a statement, and reports whether it was cut off: the connection is lost then, even where the answer has come.
func (c *Cutoff) Leave() (cut bool) {
	if c.stop != nil {
		c.stop()
	}
	return !c.now.state.CompareAndSwap(busy, idle)
}
