package memory

import (
	"context"
	"errors"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
)

// noCells are those of an action that nobody else can notice.
var noCells = []harness.Cell{}

// at announces an action: all of them in a session that is led, otherwise those between reads and writes.
func (s *session) at(ctx context.Context, p harness.Point, cells []harness.Cell) error {
	if s.led {
		return s.hook(ctx, harness.Action{Point: p, Table: "cells", Cells: cells})
	}
	if p == harness.AtGap || p == harness.AtCall {
		return s.hook.At(ctx, p)
	}
	return nil
}

// StepSession opens a client that announces every action.
func (t *target) StepSession(_ context.Context, hook harness.Hook) (harness.Session, error) {
	return t.open(&session{hook: hook, led: true}, nil), nil
}

// Hold answers that there are no locks that all strategies respect.
func (t *target) Hold(context.Context, harness.Hook, []harness.Cell) (harness.Session, error) {
	return nil, nil
}

// Statements answers that there are none.
func (t *target) Statements() []string { return nil }

// Waiting is not asked: sessions say themselves where they wait.
func (t *target) Waiting(context.Context) (store.Waits, error) { return store.Waits{}, nil }

// Reap reads the cells and the journal, and restores them.
func (t *target) Reap(ctx context.Context) (harness.State, error) {
	now, err := t.Snapshot(ctx)
	return now, errors.Join(err, t.Restore(ctx))
}

// Restore makes the cells what they were at first.
func (t *target) Restore(context.Context) error {
	t.cells.close()
	t.cells = t.strategy.share(t.start.Clone())
	t.pages = spool.NewList[harness.Entry](nil)
	for _, s := range t.sessions {
		s.cells, s.journal, s.pages = t.cells, s.journal[:0], t.pages
	}
	return nil
}
