package owncode

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// worker is a client, its function and what that works on.
type worker[DB any] struct {
	Client
	run    func(context.Context, DB) error
	opened Opened[DB]
	limit  time.Duration
	told   error // what run returned
	value  any   // with it, see Returning
}

// PanicError is what a client is taken to have returned when its function panicked. It breaks the schedule.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// returned is how a function ended.
type returned struct {
	told   error
	exited bool // it did not return: its goroutine was ended
}

// work runs the function once. A function that does not end is left behind, so that nothing hangs.
func (w *worker[DB]) work(ctx context.Context, hook harness.Hook) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.begin(hook, cancel)
	ended := make(chan returned, 1)
	value := new(any) // its own: a function that was left behind may still write to it
	ctx = context.WithValue(ctx, valueKey{}, value)
	go func() {
		home := goroutine()
		w.home.Store(&home)
		r := returned{exited: true}
		defer func() { ended <- r }()
		defer func() {
			if v := recover(); v != nil {
				r = returned{told: &PanicError{Value: v, Stack: debug.Stack()}}
			}
		}()
		r = returned{told: w.run(ctx, w.opened.DB)}
	}()
	r, err := w.await(ctx, ended, cancel)
	w.told, w.value = r.told, nil
	if err == nil {
		w.value = *value
	}
	if r.exited && err == nil {
		err = ErrExited
	}
	cancel() // as a request's context ends with the request: database/sql rolls back what still hangs on it
	if err == nil {
		err = w.givenBack()
	}
	w.end(err)
}

// soon is how long a client may wait for a lock in this process, or for a connection that only it can give back, and how long a function
// has to end after its context was ended because it was silent.
const soon = time.Second

// await waits for the function to end: for the limit after it was last heard of, or after its context has ended.
func (w *worker[DB]) await(ctx context.Context, ended <-chan returned, cancel func()) (returned, error) {
	tick := time.NewTicker(max(min(w.limit, soon)/8, time.Millisecond))
	defer tick.Stop()
	var over time.Time // when its context was ended
	patience := w.limit
	for {
		select {
		case r := <-ended:
			return r, nil
		case <-tick.C:
		}
		silent := w.silent()
		switch {
		case !over.IsZero() && time.Since(over) > patience:
			return returned{}, fmt.Errorf("%w, and it ignores the end of its context: its goroutine is left behind", ErrSilent)
		case over.IsZero() && silent > min(w.limit, soon):
			err := w.inItsOwnWay()
			if err == nil && silent > w.limit {
				err = fmt.Errorf("%w, for %v: %s", ErrSilent, w.limit, where(*w.home.Load()))
			}
			if err == nil {
				continue
			}
			w.mu.Lock()
			w.fail(err)
			w.mu.Unlock()
			cancel()
			over, patience = time.Now(), min(w.limit, soon)
		case over.IsZero() && ctx.Err() != nil:
			over = time.Now()
		}
	}
}

// inItsOwnWay is why a client that runs no statement will run none, as far as that can be seen at once.
func (w *worker[DB]) inItsOwnWay() error {
	at := where(*w.home.Load())
	switch {
	case at.locks():
		return fmt.Errorf("%w: %s", ErrLocked, at)
	case at.pools() && w.opened.Most != nil && w.opened.Most() > 0 && w.opened.InUse() >= w.opened.Most():
		return fmt.Errorf("%w: %s", ErrPool, at)
	}
	return nil
}

// givenBack waits until no connection is in use: what hung on the context is rolled back beside the function that returned.
func (w *worker[DB]) givenBack() error {
	for from := time.Now(); w.opened.InUse() > 0; time.Sleep(100 * time.Microsecond) {
		if time.Since(from) > min(w.limit, time.Second) {
			return ErrInUse
		}
	}
	return nil
}
