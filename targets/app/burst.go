package app

import (
	"context"
	"fmt"
	"sync"

	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app/load"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Burst has all clients send their requests at one moment, to the copies in turn, and waits for all answers; nothing is held. met: two
// transactions that touched the same table overlapped on the wire, of which one wrote.
func (l *Lane) Burst(ctx context.Context) (o *serial.Outcome, met bool, err error) {
	l.players = l.players[:0]
	for i, op := range l.ops {
		l.players = append(l.players, &player{copy: l.copyOf(i), op: op, begun: true})
	}
	meter := load.NewMeter(l.reader.Load(), l.program.engine.Conflict)
	l.store.Touched()
	l.meter.Store(meter)
	limited, cancel := context.WithTimeout(ctx, l.program.options.Limit)
	defer cancel()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i, p := range l.players {
		fill := spec.ClientValues(i).Fill
		all.Go(func() {
			<-begin
			p.reply = p.copy.send(limited, &p.op.Request, p.op, fill)
			p.done = true
		})
	}
	close(begin)
	all.Wait()
	l.quiet(ctx, false)
	l.meter.Store(nil)
	if err := ctx.Err(); err != nil {
		return nil, false, fmt.Errorf("a burst: %w", err)
	}
	o, err = l.Outcome(ctx)
	return o, meter.Met(), err
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
