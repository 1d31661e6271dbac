package app

import (
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/spec"
	"github.com/lastseat/lastseat/targets/wire"
)

const (
	// firstWait is how long a program may do nothing before it counts as waiting inside, until that has happened once. Copies share
	// nothing but the database, so such a wait is rare, and whoever only thinks must not be taken for one.
	firstWait = time.Second
	// calm is the longest pause between two questions while nobody can go on.
	calm = 100 * time.Millisecond
)

// settle returns when nobody moves any more: each client has announced its next statement and has the answers of those before, or
// waits for a lock, or does nothing for longer than it may. frees: what was done may have freed a lock.
func (l *Lane) settle(frees bool) error {
	deadline := time.Now().Add(l.program.options.Limit)
	if frees {
		l.doubt()
	}
	for asked := 0; ; asked++ {
		l.hear(l.events.take(0))
		if err := l.tidy(); err != nil {
			return err
		}
		if l.settled() {
			return l.ctx.Err()
		}
		events := l.events.take(l.pause(asked))
		if len(events) > 0 {
			l.hear(events)
			asked = -1
			deadline = time.Now().Add(l.program.options.Limit)
			continue
		}
		if err := l.ask(); err != nil {
			return err
		}
		if l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		if time.Now().After(deadline) {
			return l.stuck()
		}
	}
}

// await waits for somebody to go on while nobody can: for the end of a deadlock or of a time-out, or for what happens in the program. Who has waited
// and comes to a gate says nothing, so the server is asked about that again and again.
func (l *Lane) await() error {
	deadline := time.Now().Add(l.program.options.Limit)
	for wait := longest; ; wait = min(2*wait, calm) {
		events := l.events.take(wait)
		l.hear(events)
		if len(events) == 0 {
			if err := l.ask(); err != nil {
				return err
			}
		}
		switch {
		case len(events) > 0, l.anyReady(), !l.settled():
			return l.settle(true)
		case time.Now().After(deadline):
			return l.stuck()
		}
	}
}

func (l *Lane) stuck() error {
	return fmt.Errorf("%w in %v: %s", explore.ErrStuck, l.program.options.Limit, l.state())
}

// state says what each client waits for.
func (l *Lane) state() string {
	text := ""
	for i, p := range l.players {
		switch {
		case p.done:
			continue
		case len(p.out) > 0 && p.out[0].waiting:
			text += fmt.Sprintf("client %s waits for a lock; ", program.ClientName(i))
		case len(p.out) > 0:
			sql, _ := textOf(p.out[0].batch)
			text += fmt.Sprintf("client %s's statement does not end: %.80s; ", program.ClientName(i), sql)
		default:
			text += fmt.Sprintf("client %s does nothing, inside the program; ", program.ClientName(i))
		}
	}
	return text
}

// settled reports whether nobody moves.
func (l *Lane) settled() bool {
	for _, p := range l.players {
		if p.begun && !p.done && p.moves() {
			return false
		}
	}
	return true
}

func (p *player) moves() bool {
	for i := range p.out {
		if !p.out[i].waiting {
			return true
		}
	}
	return len(p.out) == 0 && !p.ready() && !p.parked
}

// doubt: those who waited for a lock may have it now.
func (l *Lane) doubt() {
	for _, p := range l.players {
		for i := range p.out {
			if f := &p.out[i]; f.waiting {
				f.waiting, f.apart, f.since = false, false, time.Now()
			}
		}
	}
}

// bound is how long a program may do nothing before it counts as waiting inside.
func (l *Lane) bound() time.Duration {
	if l.inside {
		return l.program.Wait
	}
	return max(firstWait, l.program.Wait)
}

// patience is how long a client may do nothing. A command has to start first, which takes as long as it takes; what it waits for before its
// first statement can only be another's file or lock.
func (p *player) patience(bound time.Duration, l *Lane) time.Duration {
	if p.op.Kind() == spec.Command && len(p.asked) == 0 {
		return max(bound, l.program.options.Limit/2) //nolint:mnd // half of what is too long
	}
	return bound
}

// ask asks the server who waits for a lock, and notes who has done nothing for too long.
func (l *Lane) ask() error {
	var sessions []uint64
	now, bound := time.Now(), l.bound()
	for _, p := range l.players {
		if !p.begun || p.done {
			continue
		}
		for i := range p.out {
			if f := &p.out[i]; now.Sub(f.since) >= f.patience() {
				sessions = append(sessions, f.batch.Conn.ID())
			}
		}
		if len(p.out) == 0 && !p.ready() && !p.parked && now.Sub(p.moved) >= p.patience(bound, l) && !p.copy.entering() {
			p.parked, l.inside = true, true
			l.facts.Parked++
			l.facts.Bound = max(l.facts.Bound, bound)
		}
	}
	if len(sessions) == 0 {
		return l.atGates()
	}
	passing, err := l.passing()
	if err != nil {
		return err
	}
	waiting, err := l.store.Waiting(l.ctx, sessions)
	if err != nil {
		return err
	}
	if err := l.atGates(); err != nil {
		return err
	}
	if events := l.events.take(0); len(events) > 0 { // who waited may have gone on meanwhile: the answer is of no worth
		l.hear(events)
		return nil
	}
	for _, p := range l.players {
		for i := range p.out {
			f := &p.out[i]
			if f.waiting = waiting[f.batch.Conn.ID()] && !passing[f.batch.Conn.ID()] && (f.apart || time.Since(f.since) >= rest); f.waiting && !f.noted && f.turn >= 0 {
				f.noted = true
				l.record[f.turn].waits, l.turns[f.turn].Waits = true, true
			}
		}
	}
	return nil
}

// hear takes in what has happened.
func (l *Lane) hear(events []event) {
	now := time.Now()
	for _, e := range events {
		if l.shared != nil {
			e.client = l.shared.whose(&e)
		}
		if e.passed != nil {
			l.passed(e.passed)
		}
		if e.client < 0 || e.client >= len(l.players) {
			continue // the lane has not played yet
		}
		p := l.players[e.client]
		p.moved, p.parked = now, false
		switch {
		case e.passed != nil:
			if p.begun && !p.done {
				p.out = append(p.out, flight{batch: e.passed.batch, turn: -1, since: now})
			}
		case e.arrived != nil:
			l.facts.Statements++
			l.note(e.arrived.Level)
			l.divide(e.arrived)
			if p.done || !p.hold(e.arrived) {
				close(e.arrived.release)
			}
		case e.answered != nil:
			l.answered(p, e)
		case e.reply != nil:
			p.done, p.reply = true, *e.reply
			p.copy.holding.Store(false)
			for i, h := range p.held { // of work that goes on beside the answer
				if h != nil {
					h.pass()
					p.held[i] = nil
				}
			}
			l.doubt()
		}
	}
}

// hold puts a statement into the first free slot.
func (p *player) hold(h *held) bool {
	for i := range p.held {
		if p.held[i] == nil {
			p.held[i] = h
			return true
		}
	}
	return false
}

// answered takes in that a statement was answered.
func (l *Lane) answered(p *player, e event) {
	p.ended(e.answered)
	for i := range p.out {
		f := p.out[i]
		if f.batch != e.answered {
			continue
		}
		l.undivided(&f)
		l.gives(f.batch)
		if f.turn < 0 || l.turns[f.turn].Step.Ends {
			l.doubt()
		}
		if f.noted {
			l.turns[f.turn].BlockedUntil = len(l.turns)
			l.record[f.turn].until = len(l.turns) - 1
		}
		failed := f.batch.Lost
		for _, a := range f.batch.Answers {
			failed = failed || a.Error != nil
		}
		if failed || f.noted {
			l.doubt()
		}
		l.struck(f.batch)
		if f.turn >= 0 {
			p.asked = append(p.asked, askedOf(&l.record[f.turn]))
		}
		p.out = append(p.out[:i], p.out[i+1:]...)
		return
	}
}

// passed takes in a statement that was not held.
func (l *Lane) passed(s *passed) {
	l.note(s.Level)
	sql, _ := textOf(s.batch)
	if s.Begins && l.begins != nil {
		l.begins[s.batch.Conn] = sql
	}
	if s.late {
		l.facts.Late = append(l.facts.Late, sql)
	}
	if slices.ContainsFunc(s.batch.Requests, func(r *wire.Request) bool { return r.Kind == wire.Query || r.Kind == wire.Execute }) {
		l.facts.Statements++
	}
}

// note remembers the level that the program has asked for.
func (l *Lane) note(level harness.Level) {
	if level != "" {
		l.gates.levels[level] = true
		l.facts.Level = level
	}
}
