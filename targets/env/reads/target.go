package reads

import (
	"context"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// source answers the reads of one session.
type source interface {
	harness.Reader
	// begin is called before each attempt, end after it.
	begin()
	end(op *harness.Op, res *harness.Result)
}

// target is a row whose sessions have their reads answered by sources.
type target struct {
	harness.Target
	// ready prepares the sources for a row that begins, once the store is set up.
	ready func(ctx context.Context, start *harness.State) error
	open  func(client int) source
}

func (t *target) Setup(ctx context.Context, start harness.State) error {
	shape := start.Clone()
	if err := t.Target.Setup(ctx, start); err != nil {
		return err
	}
	return t.ready(ctx, &shape)
}

// Attach is Setup for sessions alone, around tables that another process has made.
func (t *target) Attach(ctx context.Context, start harness.State) error {
	shape := start.Clone()
	if err := (store.Passing{Target: t.Target}).Attach(ctx, start); err != nil {
		return err
	}
	return t.ready(ctx, &shape)
}

func (t *target) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	from := t.open(opt.Client)
	opt.Reader = from
	s, err := t.Target.Session(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &session{Session: s, from: from}, nil
}

// LockWaits asks the store, if it can be asked.
func (t *target) LockWaits(ctx context.Context) (int, error) {
	return store.Passing{Target: t.Target}.LockWaits(ctx)
}

// session tells its source when attempts begin and end.
type session struct {
	harness.Session
	from source
}

func (s *session) Do(ctx context.Context, op *harness.Op) harness.Result {
	s.from.begin()
	res := s.Session.Do(ctx, op)
	s.from.end(op, &res)
	return res
}
