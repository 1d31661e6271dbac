package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/load"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/spec"
	"github.com/lastseat/lastseat/targets/app/statement"
)

// Lane is a database with the copies of the program that work on it: one a concurrent client. It plays one schedule at a time. It is
// an explore.Player, whose actors are the statements that clients have announced: a client has as many as it has out at once.
type Lane struct {
	program *Program
	store   *database.Store
	reader  atomic.Pointer[statement.Reader] // nil while the copies are only starting
	copies  []*instance
	shared  *shared // one running program for all clients; nil: each has a copy
	events  queue
	striker atomic.Pointer[striker]    // what strikes meanwhile
	usual   int                        // at how many statements it could strike, of a burst
	meter   atomic.Pointer[load.Meter] // while a load is on: nothing is held then, and all that passes is counted

	ops     []*spec.Operation // by client
	slow    map[string]bool   // operations that go on after their answer
	changes map[string]bool   // operations that were seen to change what the tables hold
	traits  explore.Traits
	players []*player
	turns   []explore.Turn
	record  []turn
	begins  map[*proxy.Conn]string // that were passed, and not shown yet
	locks   locks
	inside  bool // with these operations the program was seen to wait inside
	facts   program.Facts
	gates   gates
	fault   *fault          // that is to strike, or has; nil: none
	ctx     context.Context // of the schedule under way
}

func (l *Lane) close() error {
	var errs []error
	for _, in := range l.copies {
		errs = append(errs, in.end())
	}
	return errors.Join(errs...)
}

// Cast says which operation each client is to carry out.
func (l *Lane) Cast(names []string) {
	l.ops, l.inside, l.usual = l.ops[:0], false, 0
	for _, name := range names {
		op, _ := l.program.Operation(name)
		l.ops = append(l.ops, op)
	}
}

// Facts are what was noticed since they were asked for last.
func (l *Lane) Facts() program.Facts {
	l.hear(l.events.take(0))
	f := l.facts
	if l.shared != nil {
		switch {
		case f.Parked > 0 && l.shared.known == "":
			f.Guess = "a request waited inside the program: for a lock there, or for a connection"
		case len(f.Late) > 0 && f.Guess == "":
			f.Guess = "the program has statements of its own, beside the requests"
		}
	}
	l.facts = program.Facts{}
	return f
}

// SetTraits says what the level decides about the order of steps.
func (l *Lane) SetTraits(traits explore.Traits) { l.traits = traits }

// Restore makes the database as it was, and the program too where the file says how.
func (l *Lane) Restore(ctx context.Context) error {
	for _, in := range l.copies {
		if err := in.alive(nil); err != nil {
			return err
		}
	}
	if err := l.store.Restore(ctx); err != nil {
		return err
	}
	if l.program.Reset == nil {
		return nil
	}
	for _, in := range l.copies[:min(len(l.copies), len(l.ops))] {
		r := in.call(ctx, l.program.Reset, nil)
		if r.outcome != harness.OK {
			return fmt.Errorf("reset: %s %s: %s", l.program.Reset.Method, l.program.Reset.Path, r.String())
		}
	}
	return nil
}

// Jump has sequences go on from far ahead.
func (l *Lane) Jump(ctx context.Context) error { return l.store.Jump(ctx, l.store.Catalog) }

// Serial has clients carry out their operations one after the other.
func (l *Lane) Serial(ctx context.Context, order []int) (*serial.Outcome, error) {
	if err := l.Restore(ctx); err != nil {
		return nil, err
	}
	l.store.Touched()
	replies := make([]*reply, len(l.ops))
	for _, i := range order {
		if err := l.next(ctx, i, replies, len(order) == 1); err != nil {
			return nil, err
		}
	}
	o, err := l.outcome(ctx, replies)
	if err == nil && len(order) == 1 && len(l.store.Changed(l.store.Now())) > 0 {
		l.changes[l.ops[order[0]].Name] = true
	}
	return o, err
}

// Prefixes is Serial, with what had come of it before the first client, after the first, and so on.
func (l *Lane) Prefixes(ctx context.Context, order []int) ([]*serial.Outcome, error) {
	before, err := l.Serial(ctx, nil)
	if err != nil {
		return nil, err
	}
	all := []*serial.Outcome{before}
	replies := make([]*reply, len(l.ops))
	for _, i := range order {
		if err := l.next(ctx, i, replies, false); err != nil {
			return nil, err
		}
		l.store.Touched()
		o, err := l.outcome(ctx, replies)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// next has a client carry out its operation, when all others are done. alone: it is the only one.
func (l *Lane) next(ctx context.Context, client int, replies []*reply, alone bool) error {
	in, op := l.copyOf(client), l.ops[client]
	late := in.late.Load()
	end := func() {}
	if l.shared != nil && alone {
		end = l.shared.alone(op.Name)
	}
	limited, cancel := context.WithTimeout(ctx, l.program.options.Limit)
	r := in.send(limited, &op.Request, op, spec.ClientValues(client).Fill)
	cancel()
	end()
	replies[client] = merged(replies[client], &r)
	if err := in.alive(&r); err != nil {
		return fmt.Errorf("%s: %w", op.Name, err)
	}
	l.quiet(ctx, true)
	if alone {
		l.slow[op.Name] = l.slow[op.Name] || in.late.Load() > late
	}
	return nil
}

// copyOf is the copy of the program that a client's requests go to.
func (l *Lane) copyOf(client int) *instance { return l.copies[client%len(l.copies)] }

// Outcome is what came of the schedule that was played last.
func (l *Lane) Outcome(ctx context.Context) (*serial.Outcome, error) {
	replies := make([]*reply, len(l.players))
	for i, p := range l.players {
		replies[i] = &p.reply
		if err := p.copy.alive(&p.reply); err != nil {
			return nil, fmt.Errorf("%s: %w", p.op.Name, err)
		}
	}
	return l.outcome(ctx, replies)
}

func (l *Lane) outcome(ctx context.Context, replies []*reply) (*serial.Outcome, error) {
	now, err := l.store.Contents(ctx)
	if err != nil {
		return nil, err
	}
	o := &serial.Outcome{Tables: l.tables(now), Answers: make([]serial.Answer, len(replies))}
	for i, r := range replies {
		if r == nil {
			continue
		}
		a := serial.Answer{Given: true, Outcome: r.outcome, Parts: serial.Status(program.ClientName(i), r.status)}
		if r.outcome == harness.OK || r.outcome == harness.Rejected {
			a.Parts = serial.Body(program.ClientName(i), r.status, r.body)
			if where := r.header.Get("Location"); where != "" {
				a.Parts[0].Columns = append(a.Parts[0].Columns, "Location")
				a.Parts[0].Rows[0] = append(a.Parts[0].Rows[0], where)
			}
		}
		a.Text = r.String()
		o.Answers[i] = a
	}
	return o, nil
}

// tables are the contents with their names.
func (l *Lane) tables(now database.Contents) []serial.Table {
	all := make([]serial.Table, len(now))
	for i := range now {
		t := &l.store.Catalog.Tables[i]
		all[i] = serial.Table{Name: t.Name, Columns: t.Columns, Keys: t.Keys, Rows: now[i]}
	}
	return all
}

// quiet waits until no connection has a statement under way, nor a transaction; what stays in one for longer than the program may do
// nothing is cut, and noted. serially: operations may be found to go on after their answer.
func (l *Lane) quiet(ctx context.Context, serially bool) {
	wait := l.program.Wait
	if !serially && !l.anySlow() {
		wait = 0
	}
	before, since, begun := l.batches(), time.Now(), time.Now()
	for ctx.Err() == nil {
		busy, inside := l.busy()
		if n := l.batches(); n != before || busy {
			before, since = n, time.Now()
		}
		idle := time.Since(since)
		switch {
		case !busy && inside == nil && (idle >= wait || !l.mayBeLate(serially)):
			return
		case inside != nil && idle > 5*l.program.Wait || time.Since(begun) > l.program.options.Limit:
			for _, c := range inside {
				c.Cut()
			}
			l.facts.Left = append(l.facts.Left, "a transaction was left open after the answer: its connection was cut")
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

func (l *Lane) anySlow() bool {
	for _, op := range l.ops {
		if l.slow[op.Name] {
			return true
		}
	}
	return false
}

// mayBeLate reports whether something may come yet: of operations that were seen to go on after their answer, and of those that were
// not looked at so far.
func (l *Lane) mayBeLate(serially bool) bool {
	if !serially {
		return l.anySlow()
	}
	for _, op := range l.ops {
		if slow, known := l.slow[op.Name]; slow || !known {
			return true
		}
	}
	return false
}

// batches is how many batches were sent on so far.
func (l *Lane) batches() (n int64) {
	for _, in := range l.copies {
		n += in.proxy.Batches()
	}
	return n
}

// busy reports whether a statement is under way, and which connections are in a transaction.
func (l *Lane) busy() (busy bool, inside []*proxy.Conn) {
	for _, in := range l.copies {
		for _, c := range in.proxy.Conns() {
			out, tx := c.Busy()
			busy = busy || out
			if tx {
				inside = append(inside, c)
			}
		}
	}
	return busy, inside
}
