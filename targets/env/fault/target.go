package fault

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// target is a row's target with a fault around it.
type target struct {
	store.Passing
	begin func()                        // at Setup
	open  func(*harness.SessionOptions) // at Session; nil: sessions are as they are
}

// Setup makes this row the one that the fault is for.
func (t *target) Setup(ctx context.Context, start harness.State) error {
	t.begin()
	return t.Target.Setup(ctx, start)
}

// Attach is Setup where another process has made the row's tables.
func (t *target) Attach(ctx context.Context, start harness.State) error {
	t.begin()
	return t.Passing.Attach(ctx, start)
}

// Session opens a client that the fault may act in.
func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	if t.open != nil {
		t.open(&opt)
	}
	return t.Target.Session(ctx, opt)
}
