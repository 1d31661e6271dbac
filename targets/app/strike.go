package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// fault is one that is to strike.
type fault struct {
	*program.Fault
	seen  int          // statements of the client so far
	batch *proxy.Batch // at which it strikes, once that was let go
	err   error        // it could not
}

var _ program.Breakable = (*Lane)(nil)

// Struck implements program.Breakable.
func (l *Lane) Struck(ctx context.Context, f *program.Fault) (*serial.Outcome, error) {
	for i := range l.ops {
		if err := l.revive(ctx, i); err != nil {
			return nil, err
		}
	}
	if err := l.Restore(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.ctx, l.fault = ctx, nil
	defer func() { l.fault = nil }()
	l.events.take(0)
	l.turns, l.record, l.begins, l.locks = l.turns[:0], nil, map[*proxy.Conn]string{}, locks{}
	l.players = l.players[:0]
	l.store.Touched()
	for i, op := range l.ops {
		if l.fault = nil; f != nil && f.Client == i {
			l.fault = &fault{Fault: f}
		}
		p := &player{copy: l.copies[i], op: op}
		l.players = append(l.players, p)
		if err := l.alone(i); err != nil {
			return nil, err
		}
		if f == nil || f.Client != i || f.Kind != program.Repeat {
			continue
		}
		first := p.reply
		l.players[i] = &player{copy: l.copies[i], op: op}
		if err := l.alone(i); err != nil {
			return nil, err
		}
		l.players[i].reply = *merged(&first, &l.players[i].reply)
	}
	replies := make([]*reply, len(l.players))
	for i, p := range l.players {
		replies[i] = &p.reply
	}
	return l.outcome(ctx, replies)
}

// alone has a client make its request, and returns when that and all that comes of it is over, and its copy of the program runs.
func (l *Lane) alone(client int) error {
	p := l.players[client]
	p.copy.holding.Store(true)
	l.request(client)
	err := l.steps(client)
	if errors.Is(err, explore.ErrStuck) {
		l.facts.Left = append(l.facts.Left, fmt.Sprintf("%s was not answered within %v: it was given up", p.op.Name, l.program.options.Limit))
		err = nil
		for _, c := range p.copy.proxy.Conns() {
			c.Cut()
		}
		p.cancel()
	}
	if err == nil && l.fault != nil {
		if l.fault.Statement == program.End {
			l.kill()
		}
		err = l.fault.err
	}
	l.letGo()
	if err != nil {
		return err
	}
	if p.reply.err != nil && p.copy.process != nil { // it broke off: it may be about to end
		select {
		case <-p.copy.process.Exited():
		case <-time.After(brokeOff):
		}
	}
	return l.revive(l.ctx, client)
}

// brokeOff is how long the end of a program that broke off its answer is waited for.
const brokeOff = 50 * time.Millisecond

// revive starts a client's copy of the program anew, if it has ended: killed, or because it could not do without its connection.
func (l *Lane) revive(ctx context.Context, client int) error {
	if l.copies[client].exited() {
		return l.Renew(ctx, client)
	}
	return nil
}

// steps lets a client's statements go, one by one.
func (l *Lane) steps(client int) error {
	p := l.players[client]
	for err := l.settle(false); ; {
		switch {
		case err != nil:
			return err
		case p.done:
			return nil
		case len(l.turns) == maxTurns:
			return fmt.Errorf("%w: after %d statements the request is not done: the program polls", explore.ErrStuck, maxTurns)
		case !p.ready():
			err = l.await()
			continue
		}
		for slot, h := range p.held {
			if h != nil {
				l.strike(h)
				err = l.release(client*slots + slot)
				break
			}
		}
	}
}

// strike has the fault strike at a statement that is about to be let go, if it is the one.
func (l *Lane) strike(h *held) {
	if l.fault == nil {
		return
	}
	if l.fault.seen++; l.fault.seen != l.fault.Statement || l.fault.batch != nil {
		return
	}
	l.fault.batch = h.batch
	switch l.fault.Kind {
	case program.CutBefore:
		h.batch.Conn.Cut()
	case program.CutAfter:
		h.batch.Fate = proxy.Final
	default:
		h.batch.Fate = proxy.Withheld
	}
}

// struck goes on with the fault once the statement is done.
func (l *Lane) struck(b *proxy.Batch) {
	if l.fault == nil || l.fault.batch != b || l.fault.Kind == program.CutBefore || l.fault.Kind == program.CutAfter {
		return
	}
	switch l.fault.Kind {
	case program.KillProgram, program.KillServer:
		l.kill()
	default:
		b.Conn.Cut()
	}
}

// kill kills the client's copy of the program, or the server, which is started again at once.
func (l *Lane) kill() {
	if l.fault.Kind == program.KillProgram {
		l.players[l.fault.Client].kill()
		return
	}
	l.fault.err = l.killServer(l.ctx)
}

// kill kills what carries out a client's operation: its copy of the program, its command, or the session of its statements.
func (p *player) kill() {
	switch {
	case p.op.Kind() == spec.SQL:
		for _, c := range p.copy.proxy.Conns() {
			c.Cut()
		}
	case p.op.Kind() == spec.Command:
		p.copy.ways.kill()
	default:
		p.copy.process.End()
	}
}

// kill kills a copy of the program, or its command where there is none.
func (in *instance) kill() {
	if in.process == nil {
		in.ways.kill()
		return
	}
	in.process.End()
}

// mortal are the connections that end with what kill kills: not those of lastseat's own sessions.
func (in *instance) mortal() []*proxy.Conn {
	return slices.DeleteFunc(in.proxy.Conns(), func(c *proxy.Conn) bool { return in.ways.own(c.From()) })
}

// Renew implements program.Breakable.
func (l *Lane) Renew(ctx context.Context, client int) error {
	if err := l.copies[client].end(); err != nil {
		return err
	}
	in, err := l.begin(ctx, client)
	if in != nil {
		if l.copies[client] = in; client < len(l.players) {
			l.players[client].copy = in
		}
	}
	return err
}

// Identified implements program.Breakable.
func (l *Lane) Identified(client int) bool {
	return l.ops[client].Uses("{id}")
}

// Cannot implements program.Breakable.
func (l *Lane) Cannot(kind program.FaultKind) string {
	switch {
	case kind == program.KillServer && !l.program.About().Throwaway:
		return "the server is your own, and only throwaway ones are killed"
	case kind == program.KillProgram && l.shared != nil:
		return "the program is run by somebody else, and only copies that lastseat has started are killed"
	}
	if p := l.program; kind == program.KillProgram && p.Programless() && !p.Has(spec.Command) {
		return "there is no program: the statements are sent by lastseat, and cut-after is what its end would be"
	}
	return ""
}

// merged is what the answers to a request and to its repetition say together: ok if either is, unknown if nobody knows.
func merged(first, second *reply) *reply {
	if first == nil || first.outcome != harness.OK && (second.outcome == harness.OK || second.outcome == harness.Unknown) {
		return second
	}
	return first
}
