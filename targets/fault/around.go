package fault

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// target is a row's target with a fault around it.
type target struct {
	harness.Target
	begin func()                        // at Setup
	open  func(*harness.SessionOptions) // at Session; nil: sessions are as they are
}

// Setup makes this row the one that the fault is for.
func (t *target) Setup(ctx context.Context, start harness.State) error {
	t.begin()
	return t.Target.Setup(ctx, start)
}

// Session opens a client that the fault may act in.
func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	if t.open != nil {
		t.open(&opt)
	}
	return t.Target.Session(ctx, opt)
}

// LockWaits passes on what the target knows.
func (t *target) LockWaits(ctx context.Context) (int, error) {
	if w, ok := t.Target.(harness.LockWaits); ok {
		return w.LockWaits(ctx)
	}
	return 0, nil
}

// InProcess passes on where the target is.
func (t *target) InProcess() bool {
	p, ok := t.Target.(harness.InProcess)
	return ok && p.InProcess()
}
