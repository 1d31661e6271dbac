package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/trace"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/spec"
	"github.com/lastseat/lastseat/targets/wire"
)

// Trace runs each operation of a program once, alone, at each level (at the program's own, if there are none), and says what each does and
// which of them could race.
func Trace(ctx context.Context, s *spec.Spec, opt Options, levels []harness.Level) ([]trace.Report, error) {
	opt.Clients, opt.Copies, opt.Lanes, opt.Whole = 1, 1, 1, true
	return eachLevel(ctx, s, opt, levels, func(opt Options) (*trace.Report, error) { return traceAt(ctx, s, opt) })
}

func traceAt(ctx context.Context, s *spec.Spec, opt Options) (r *trace.Report, err error) {
	p, err := Open(ctx, s, opt)
	defer func() {
		if ctx.Err() != nil {
			r, err = nil, nil // what was interrupted says that it was
		}
		err = errors.Join(err, p.Close(ctx))
	}()
	if err != nil {
		return nil, err
	}
	about := p.About()
	r = &trace.Report{
		File: s.File, App: s.What(), Server: about.Product + " " + about.Version, Engine: p.engine.Name, Throwaway: about.Throwaway,
		Level: p.Level(), Rights: about.Rights, Asked: opt.Level != "",
	}
	l := p.lanes[0]
	for i := range s.Operations {
		o, err := l.trace(ctx, s.Operations[i].Name)
		if err != nil {
			return nil, p.explain(fmt.Errorf("%s: %w", s.Operations[i].Name, err))
		}
		r.Operations = append(r.Operations, *o)
		r.Statements += o.Sent
	}
	if r.Statements == 0 {
		return nil, p.explain(fmt.Errorf("%w: the program has its data elsewhere, and nothing more was asked of it", program.ErrSilent))
	}
	r.Pairs = trace.Pairs(r.Operations, levelsOf(p.engine))
	r.Notes = notesOf(l.store.Catalog, r.Operations)
	return r, nil
}

// trace runs an operation alone, and says what it did.
func (l *Lane) trace(ctx context.Context, name string) (*trace.Operation, error) {
	l.Cast([]string{name})
	if err := l.Restore(ctx); err != nil {
		return nil, err
	}
	l.events.take(0)
	l.store.Touched()
	replies := make([]*reply, 1)
	if err := l.next(ctx, 0, replies, true); err != nil {
		return nil, err
	}
	events := l.events.take(0)
	outcome, err := l.outcome(ctx, replies)
	if err != nil {
		return nil, err
	}
	answer := &outcome.Answers[0]
	if answer.Outcome == harness.Unknown || answer.Outcome == harness.Failed {
		return nil, &program.AlwaysFailsError{Operation: name, Answer: answer.Text}
	}
	t := newTracer(l.reader.Load(), l.program.Level())
	for _, e := range events {
		if e.passed != nil {
			t.batch(e.passed.batch)
		}
	}
	o := t.operation(name)
	o.Seen, o.Answer, o.Refused = 1, answer.Text, answer.Outcome == harness.Rejected
	return o, nil
}

// batch takes in what a program sent at once, and what it was answered.
func (t *tracer) batch(b *proxy.Batch) {
	inside := b.Inside
	for _, q := range b.Requests {
		switch q.Kind {
		case wire.Query, wire.Execute:
		case wire.Reset, wire.ChangeUser:
			t.reset(b.Conn.Number)
			continue
		default:
			continue
		}
		u := uttered{connection: b.Conn.Number, request: q, inside: inside, lost: b.Lost}
		for _, a := range b.Answers {
			if a.To != q.ID {
				continue
			}
			u.after, u.broken = a.State != wire.Idle, a.State == wire.Failed
			if a.Error != nil {
				u.failed = a.Error.Code
			}
		}
		inside = u.after
		t.statement(&u)
	}
}

// levelsOf says what levels of an engine do.
func levelsOf(e database.Engine) func(*trace.Transaction) trace.Level {
	return func(t *trace.Transaction) trace.Level {
		k := e.Locking(t.Level)
		return trace.Level{
			Name: t.Level, Dirty: k.Dirty, Snapshot: e.Snapshot(t.Level), Latest: k.Latest, Gaps: k.Gaps, Shares: k.Shares, FirstWins: k.FirstWins,
			Serializable: t.Level == harness.Serializable,
		}
	}
}

// notesOf is what there is to know of tables that operations write and whose triggers are not seen.
func notesOf(c *database.Catalog, operations []trace.Operation) (notes []string) {
	for _, t := range c.Tables {
		if t.Triggers && writes(operations, t.Name) {
			notes = append(notes, fmt.Sprintf("A write to %s runs a trigger: what that reads and writes is not seen here.", t.Name))
		}
	}
	return notes
}
