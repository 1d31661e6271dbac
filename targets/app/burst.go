package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/load"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/spec"
)

var _ rounds.Lane = (*Lane)(nil)

// Burst has all clients send their requests at one moment, to the copies in turn, and waits for all answers; nothing is held. met: two
// transactions that touched the same table overlapped on the wire, of which one wrote.
func (l *Lane) Burst(ctx context.Context, kind program.FaultKind, r *rand.Rand) (*rounds.Burst, error) {
	l.players = l.players[:0]
	for i, op := range l.ops {
		l.players = append(l.players, &player{copy: l.copyOf(i), op: op, begun: true})
	}
	meter := load.NewMeter(l.reader.Load(), l.program.engine.Conflict)
	l.store.Touched()
	s := l.strikes(ctx, kind, r)
	l.meter.Store(meter)
	l.send(ctx, kind)
	var err error
	if s != nil {
		err = s.over(ctx, l)
	}
	l.quiet(ctx, false)
	l.meter.Store(nil)
	l.striker.Store(nil)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("a burst: %w", ctx.Err())
	}
	if err != nil {
		return nil, err
	}
	var o *serial.Outcome
	if s == nil {
		o, err = l.Outcome(ctx)
		return &rounds.Burst{Outcome: o, Met: meter.Met() || l.program.engine.Unwired && l.overlapped()}, err
	}
	if s.struck == 0 {
		l.usual = s.seen // as if there were no fault
	}
	replies := make([]*reply, len(l.players))
	for i, p := range l.players {
		replies[i] = &p.reply
	}
	o, err = l.outcome(ctx, replies)
	return &rounds.Burst{Outcome: o, Met: meter.Met(), Struck: s.first}, err
}

// send sends the requests of a burst, and waits for the answers.
func (l *Lane) send(ctx context.Context, kind program.FaultKind) {
	ctx, cancel := context.WithTimeout(ctx, l.program.options.Limit)
	defer cancel()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i, p := range l.players {
		fill := spec.ClientValues(i).Fill
		all.Go(func() {
			<-begin
			p.from = time.Now()
			p.reply = p.copy.send(ctx, &p.op.Request, p.op, fill)
			if kind == program.Repeat {
				p.reply = p.copy.repeat(ctx, p.op, fill, p.reply)
			}
			p.to, p.done = time.Now(), true
		})
	}
	close(begin)
	all.Wait()
}

// overlapped reports whether two requests of the burst were under way at the same time.
func (l *Lane) overlapped() bool {
	for i, a := range l.players {
		for _, b := range l.players[:i] {
			if a.from.Before(b.to) && b.from.Before(a.to) {
				return true
			}
		}
	}
	return false
}

// repeat makes a request again whose answer says nothing, if it says which request it is.
func (in *instance) repeat(ctx context.Context, op *spec.Operation, fill func(string) string, first reply) reply {
	if first.outcome != harness.Unknown || !op.Uses("{id}") {
		return first
	}
	second := in.send(ctx, &op.Request, op, fill)
	return *merged(&first, &second)
}

// strikes has a fault of a kind strike once during a burst; nil: there is none.
func (l *Lane) strikes(ctx context.Context, kind program.FaultKind, r *rand.Rand) *striker {
	if kind == "" {
		return nil
	}
	s := newStriker(kind, r)
	if s.next = -1; l.usual > 0 && r.IntN(unstruck) > 0 { // else it is counted at how many it could strike
		s.next = r.IntN(l.usual)
		if kind == rounds.Delay { // it is there from the beginning
			s.next = 0
		}
	}
	s.stands = standsRound
	s.kill = func(in *instance) error {
		if kind == program.KillProgram {
			in.kill()
			return nil
		}
		return l.killServer(ctx)
	}
	l.striker.Store(s)
	return s
}

// unstruck: one burst in so many is left alone, to see what breaks without the fault.
const unstruck = 8

func newStriker(kind program.FaultKind, r *rand.Rand) *striker {
	return &striker{kind: kind, rand: r, wrote: map[*proxy.Conn]bool{}, at: map[*proxy.Batch]bool{}}
}

// killServer kills the server, and starts it again.
func (l *Lane) killServer(ctx context.Context) error {
	server := l.program.server.(database.Mortal)
	if err := server.Kill(); err != nil {
		return err
	}
	return server.Restart(ctx)
}

// Recover implements rounds.Lane.
func (l *Lane) Recover(ctx context.Context, kind program.FaultKind, struck bool) error {
	for _, p := range l.players {
		if p.reply.err != nil && p.copy.process != nil { // it broke off: it may be about to end
			select {
			case <-p.copy.process.Exited():
			case <-time.After(brokeOff):
			}
			break
		}
	}
	for i := range l.copies {
		if err := l.revive(ctx, i); err != nil {
			return err
		}
	}
	if !struck || kind == rounds.Delay {
		return nil
	}
	if err := l.Restore(ctx); err != nil {
		return err
	}
	l.store.Touched()
	for i := range l.copies {
		if err := l.comesBack(ctx, i, kind); err != nil {
			return err
		}
	}
	return nil
}

// comesBack makes requests until a copy of the program works as before: its pool may hold connections that have ended.
func (l *Lane) comesBack(ctx context.Context, client int, kind program.FaultKind) error {
	tries := len(l.ops) + 1 // a pool has hardly more connections than there were clients
	for try := range 2 * tries {
		if try == tries && l.shared == nil {
			l.facts.Left = append(l.facts.Left, fmt.Sprintf("After %s the program did not come back by itself: its requests failed, and it was started anew.", kind))
			if err := l.Renew(ctx, client); err != nil {
				return err
			}
		}
		if err := l.revive(ctx, client); err != nil {
			return err
		}
		op := l.ops[client%len(l.ops)]
		limited, cancel := context.WithTimeout(ctx, l.program.options.Limit)
		r := l.copies[client].send(limited, &op.Request, op, spec.ClientValues(client).Fill)
		cancel()
		if r.outcome == harness.OK || r.outcome == harness.Rejected {
			l.quiet(ctx, false)
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the program did not work any more after %s, not even started anew", kind)
}

// Words are those that stand for a client in its requests, its name first, where an operation's request has them.
func (p *Program) Words(op string, client int) []string {
	v := spec.ClientValues(client)
	words := []string{v["client"], v["id"]}
	if o, ok := p.Operation(op); ok && o.Uses("{number}") {
		words = append(words, v["number"])
	}
	return words
}

// Identified reports whether an operation's request says which request it is.
func (p *Program) Identified(op string) bool {
	o, ok := p.Operation(op)
	return ok && o.Uses("{id}")
}
