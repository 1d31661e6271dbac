// Package retry is what clients do when an operation was not simply answered: they send it again, or they do not, rightly or
// wrongly. In goes a row's target, out comes one whose sessions behave so; no strategy knows of it. Start at Table.
package retry

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Table holds all ways to try again, in the order in which they are shown.
func Table() []store.Component {
	return []store.Component{blind(), idempotencyKey(), stale(), swallow()}
}

// policy is what a way to try again is made of. It keeps nothing of a row, and so is its own Instance.
type policy struct {
	prepare func(spec *store.RowSpec)
	session func(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error)
}

func (p policy) open(context.Context, store.ComponentOptions) (store.Instance, error) {
	return p, nil
}

// Prepare implements store.Instance. What the store cannot do, it says itself.
func (p policy) Prepare(spec *store.RowSpec) (skip string) {
	p.prepare(spec)
	return ""
}

// Wrap implements store.Instance.
func (p policy) Wrap(inner harness.Target) harness.Target {
	return &target{Passing: store.Passing{Target: inner}, session: p.session}
}

// Close implements store.Instance: there is nothing to end.
func (p policy) Close() error { return nil }

// target is a row whose clients try again.
type target struct {
	store.Passing
	session func(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error)
}

// Session implements harness.Target.
func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	return t.session(ctx, t.Target, opt)
}
