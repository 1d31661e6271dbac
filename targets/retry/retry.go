// Package retry is what clients do when an operation was not simply answered: they send it again, or they do not, rightly or
// wrongly. In goes a row's target, out comes one whose sessions behave so; no strategy knows of it. Start at Table.
package retry

import (
	"context"

	"github.com/lastseat/lastseat/harness"
)

// Table holds all ways to try again, in the order in which they are shown.
func Table() []harness.Decoration {
	return []harness.Decoration{blind(), idempotencyKey(), stale(), swallow()}
}

// policy is what a way to try again is made of. It keeps nothing of a row, and so is its own Decorator.
type policy struct {
	prepare func(spec *harness.RowSpec)
	session func(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error)
}

func (p policy) open(context.Context, harness.DecorationOptions) (harness.Decorator, error) {
	return p, nil
}

// Prepare implements harness.Decorator. What the store cannot do, it says itself.
func (p policy) Prepare(spec *harness.RowSpec) (skip string) {
	p.prepare(spec)
	return ""
}

// Wrap implements harness.Decorator.
func (p policy) Wrap(inner harness.Target) harness.Target {
	return &target{Passing: harness.Passing{Target: inner}, session: p.session}
}

// Close implements harness.Decorator: there is nothing to end.
func (p policy) Close() error { return nil }

// target is a row whose clients try again.
type target struct {
	harness.Passing
	session func(ctx context.Context, inner harness.Target, opt harness.SessionOptions) (harness.Session, error)
}

// Session implements harness.Target.
func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	return t.session(ctx, t.Target, opt)
}
