package store

import (
	"context"
	"errors"

	"github.com/lastseat/lastseat/harness"
)

// Passing is a Target that passes everything on to another, and tells what that one can do beside. Instances embed it, and change
// what is theirs.
type Passing struct{ harness.Target }

// InProcess implements the capability of that name.
func (p Passing) InProcess() bool {
	inner, ok := p.Target.(InProcess)
	return ok && inner.InProcess()
}

// LockWaits implements the capability of that name; a Target without it has no locks to wait for.
func (p Passing) LockWaits(ctx context.Context) (int, error) {
	if inner, ok := p.Target.(LockWaits); ok {
		return inner.LockWaits(ctx)
	}
	return 0, nil
}

// Attach implements Attaching.
func (p Passing) Attach(ctx context.Context, start harness.State) error {
	inner, ok := p.Target.(Attaching)
	if !ok {
		return errors.New("the row cannot be shared by several processes")
	}
	return inner.Attach(ctx, start)
}
