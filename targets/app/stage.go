package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/spec"
	"github.com/lastseat/lastseat/targets/app/statement"
)

// slots is how many statements of one client can be held at the same time.
const slots = program.Slots

// maxTurns of a schedule: a program that makes more polls.
const maxTurns = 400

// player is a client in a schedule.
type player struct {
	copy *instance
	op   *spec.Operation

	begun, done bool
	reply       reply
	held        [slots]*held
	out         []flight  // let go, not answered
	asked       []asked   // and answered
	parked      bool      // it does nothing, inside the program
	moved       time.Time // when something of it happened last
	from, to    time.Time // of its request, in a burst
	cancel      context.CancelFunc
}

// flight is a statement that was let go.
type flight struct {
	batch   *proxy.Batch
	turn    int
	since   time.Time
	waiting bool  // the server says so
	noted   bool  // its turn says that it waits
	apart   bool  // nobody waits for whom it may wait
	wary    bool  // another session may hold a lock that it needs
	divided *held // it is to stop at its gate
	opened  bool  // its gate was opened for it
}

// turn is a statement of a schedule, for people.
type turn struct {
	client int
	begins string // that came before it
	batch  *proxy.Batch
	statement.Statement
	waits bool
	until int // the turn at whose end it was answered, from 0
	part  program.Part
}

// Play implements explore.Player.
func (l *Lane) Play(ctx context.Context, choose func() int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.ctx = ctx
	l.events.take(0)
	l.turns, l.record, l.begins, l.locks = l.turns[:0], nil, map[*proxy.Conn]string{}, locks{}
	l.players = l.players[:0]
	for i, op := range l.ops {
		l.copies[i].holding.Store(true)
		l.players = append(l.players, &player{copy: l.copies[i], op: op})
	}
	if l.shared != nil {
		l.shared.begin()
	}
	l.store.Touched()
	defer l.letGo()
	for i := range l.players {
		l.request(i)
		if l.shared != nil { // whose a statement is goes by who can have moved: one at a time
			if err := l.settle(false); err != nil {
				return err
			}
		}
	}
	if err := l.settle(false); err != nil {
		return err
	}
	for !l.allDone() {
		if l.anyReady() {
			actor := choose()
			if actor < 0 {
				return nil
			}
			if len(l.turns) == maxTurns {
				return fmt.Errorf("%w: after %d statements the requests are not done: the program polls", explore.ErrStuck, maxTurns)
			}
			if err := l.release(actor % explore.Expire); err != nil {
				return err
			}
			if actor >= explore.Expire {
				if err := l.expire(); err != nil {
					return err
				}
			}
			continue
		}
		if err := l.await(); err != nil {
			return err
		}
	}
	return nil
}

// request begins a client's request.
func (l *Lane) request(i int) {
	p := l.players[i]
	ctx, cancel := context.WithCancel(l.ctx)
	p.begun, p.moved, p.cancel = true, time.Now(), cancel
	go func() {
		r := p.copy.call(ctx, &p.op.Request, p.op)
		l.events.put(event{client: i, reply: &r})
	}()
}

// release lets a statement go, and returns when everybody either has announced the next one, or waits, or is done.
func (l *Lane) release(actor int) error {
	p := l.players[actor/slots]
	h := p.held[actor%slots]
	p.held[actor%slots] = nil
	if h.stands {
		return l.goOn(p, h)
	}
	if err := l.shutGate(p, h); err != nil {
		return err
	}
	f := l.flight(h)
	if h.divided {
		f.divided, f.wary = h, true
	}
	p.out = append(p.out, f)
	p.moved, p.parked = f.since, false
	l.turns = append(l.turns, explore.Turn{Client: actor, Step: h.Step})
	l.record = append(l.record, turn{client: actor / slots, begins: l.begins[h.batch.Conn], batch: h.batch, until: -1, Statement: h.Statement})
	delete(l.begins, h.batch.Conn)
	l.facts.SkipLocked = l.facts.SkipLocked || h.SkipLocked
	close(h.release)
	return l.settle(h.full.Ends)
}

// expire lets the last statement run into its lock time-out, if it waits for a lock, while all others stand still.
func (l *Lane) expire() error {
	last := len(l.turns) - 1
	l.turns[last].Expires = true
	for l.underWay(last).waiting {
		events := l.events.take(l.program.options.Limit)
		if len(events) == 0 {
			return fmt.Errorf("%w in %v: a wait for a lock that was to be timed out goes on", explore.ErrStuck, l.program.options.Limit)
		}
		l.hear(events)
		if l.ctx.Err() != nil {
			return l.ctx.Err()
		}
	}
	return l.settle(true)
}

// underWay is the statement of a turn, if it was not answered yet; else an empty one.
func (l *Lane) underWay(turn int) flight {
	for _, p := range l.players {
		for _, f := range p.out {
			if f.turn == turn {
				return f
			}
		}
	}
	return flight{}
}

// Waits is what the last turn did, if it waits for a lock now.
func (l *Lane) Waits() (what string, waits bool) {
	last := len(l.turns) - 1
	if last < 0 {
		return "", false
	}
	sql, params := textOf(l.record[last].batch)
	return fmt.Sprint(l.record[last].client, sql, params), l.underWay(last).waiting
}

// flight is a statement that is about to be let go.
func (l *Lane) flight(h *held) flight {
	mayWait, circle := l.takes(h.batch.Conn, &h.Statement)
	return flight{batch: h.batch, turn: len(l.turns), since: time.Now(), apart: !circle, wary: mayWait}
}

// letGo ends a schedule: what is held passes from here on.
func (l *Lane) letGo() {
	for _, p := range l.players {
		p.copy.holding.Store(false)
	}
	deadline := time.Now().Add(l.program.options.Limit)
	for {
		for _, p := range l.players {
			for i, h := range p.held {
				if h != nil {
					h.pass()
					p.held[i] = nil
				}
			}
			if !p.begun {
				p.done = true
			}
		}
		if l.allDone() {
			break
		}
		for c := range l.gates.shut { // somebody may yet come there
			_ = l.openGate(c) // whoever still stands there is cut
		}
		if l.ctx.Err() != nil || time.Now().After(deadline) {
			for _, p := range l.players {
				if p.cancel != nil {
					p.cancel()
				}
				for _, c := range p.copy.proxy.Conns() {
					c.Cut()
				}
			}
			deadline = time.Now().Add(l.program.options.Limit)
		}
		l.hear(l.events.take(time.Millisecond))
	}
	for _, p := range l.players {
		if p.cancel != nil {
			p.cancel()
		}
	}
	l.quiet(context.WithoutCancel(l.ctx), false)
}

// Actors implements explore.Player.
func (l *Lane) Actors() int { return len(l.players) * slots }

// Ready implements explore.Player.
func (l *Lane) Ready(i int) bool { return l.players[i/slots].held[i%slots] != nil }

// Next implements explore.Player.
func (l *Lane) Next(i int) explore.Step {
	if h := l.players[i/slots].held[i%slots]; h != nil {
		return h.Step
	}
	return explore.Step{Point: harness.AtStatement, Cells: explore.Everything, Ends: true}
}

// Turns implements explore.Player.
func (l *Lane) Turns() []explore.Turn { return l.turns }

// Client implements explore.Player.
func (l *Lane) Client(i int) int { return i / slots }

// Able implements explore.Player.
func (l *Lane) Able() (actors []int, putOff bool) {
	var polling []int
	for client, p := range l.players {
		polls := p.polls()
		for slot := range slots {
			switch {
			case p.held[slot] == nil:
			case polls:
				polling = append(polling, client*slots+slot)
			default:
				actors = append(actors, client*slots+slot)
			}
		}
	}
	if len(actors) == 0 {
		return polling, false
	}
	return actors, len(polling) > 0
}

// Traits implements explore.Player.
func (l *Lane) Traits() explore.Traits { return l.traits }

func (l *Lane) allDone() bool {
	return !slices.ContainsFunc(l.players, func(p *player) bool { return !p.done })
}

func (l *Lane) anyReady() bool { return slices.ContainsFunc(l.players, (*player).ready) }

func (p *player) ready() bool {
	return slices.ContainsFunc(p.held[:], func(h *held) bool { return h != nil })
}
