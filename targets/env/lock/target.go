package lock

import (
	"context"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// target is a store with the lock around it.
type target struct {
	harness.Target
	instance *instance
	traits   store.Traits
}

// Setup also begins with no locks taken.
func (t *target) Setup(ctx context.Context, start harness.State) error {
	d := t.instance
	r := t.newRow(len(start.Values))
	if err := d.service.begin(ctx, r.terms, len(start.Values)); err != nil {
		return fmt.Errorf("ready the locks of %s: %w", d.design.name, err)
	}
	d.row = r
	return t.Target.Setup(ctx, start)
}

// Session opens a client that takes locks.
func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s := &session{row: t.instance.row, server: t.instance.opt.ServerOf(opt.Client)}
	s.keep.ctx, s.keep.cancel = context.WithCancel(context.Background())
	opt.Hook = opt.Hook.Then(s.hook)
	if t.instance.design.fenced {
		opt.Fence = s.token
	}
	inner, err := t.Target.Session(ctx, opt)
	if err != nil {
		s.keep.cancel()
		return nil, err
	}
	s.inner = inner
	return s, nil
}

// LockWaits are those in the store.
func (t *target) LockWaits(ctx context.Context) (int, error) {
	return store.Passing{Target: t.Target}.LockWaits(ctx)
}
