package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
)

// Place is where a schedule is played.
type Place struct {
	Server  store.Isolating
	Product string // whose lines are run, as targets have it: mysql
	Level   harness.Level
	// Embedded: the engine is in this process, and its sessions say themselves where they wait.
	Embedded bool
	// Limit is the longest that nothing may move; 0: explore.DefaultLimit.
	Limit time.Duration
	// LockTimeout is how the engine ends a wait that takes too long.
	LockTimeout store.LockTimeout
	// Search: where sessions are on several servers, the schedule is played in every order of commits, until one lets the anomaly through.
	Search bool
}

// Play makes the place empty, sets it up, and leads the sessions through their statements. Whoever's statement comes first in the
// file goes next; the statement of a session that waits for a lock is put off until the lock is free. A statement that the server
// refuses is an outcome; the rest of its transaction is left out then, up to its COMMIT, in whose place it is rolled back.
func Play(ctx context.Context, s *Schedule, at Place) (*Outcome, error) {
	return play(ctx, s, at, manner{})
}

func play(ctx context.Context, s *Schedule, at Place, how manner) (outcome *Outcome, err error) {
	if !at.Embedded {
		// A missing right to ask is a mistake of whoever set the server up: it shows before anything is made.
		if _, err := at.Server.Waiting(ctx); err != nil {
			return nil, err
		}
	}
	if at.Server.Servers() > 1 {
		if err := at.Server.Applied(ctx); err != nil { // of what was played before, too
			return nil, err
		}
	}
	setup := s.Setup
	if how.refill {
		setup = s.emptied(at.Product)
	} else if err := at.Server.Wipe(ctx); err != nil {
		return nil, err
	}
	if err := at.setUp(ctx, s, setup); err != nil {
		return nil, err
	}
	p := &player{schedule: s, at: at, manner: how, outcome: &Outcome{Schedule: s, Product: at.Product}}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	return p.outcome, p.play(ctx)
}

// setUp runs the set-up's statements.
func (at Place) setUp(ctx context.Context, s *Schedule, setup []Statement) (err error) {
	session, err := at.Server.Script(ctx, at.Level, 0, func(context.Context, harness.Action) error { return nil })
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, session.Close()); err == nil && at.Server.Servers() > 1 {
			err = at.Server.Applied(ctx)
		}
	}()
	for _, st := range setup {
		if !st.Only.Has(at.Product) {
			continue
		}
		if _, err := session.Run(ctx, sent(st.SQL)); err != nil {
			return s.errorf(st.Line, "%s: %w", setupSection, err)
		}
	}
	return nil
}

// player is a schedule that is being played.
type player struct {
	schedule *Schedule
	at       Place
	manner   manner
	sessions []*session
	order    []int // steps, turn by turn
	crew     *explore.Crew
	fault    atomic.Bool
	err      error // not of a session
	outcome  *Outcome
}

func (p *player) open(ctx context.Context) error {
	var works []explore.Work
	for n, name := range p.schedule.Sessions {
		m := &session{fault: &p.fault, seen: map[string]string{}, goesOn: p.at.LockTimeout.GoesOn}
		if p.at.Embedded {
			m.limit = cmp.Or(p.at.Limit, explore.DefaultLimit)
		}
		for i := range p.schedule.Steps {
			if st := &p.schedule.Steps[i]; st.Session == name && st.Only.Has(p.at.Product) {
				m.steps = append(m.steps, i)
				m.played = append(m.played, Played{Step: st, SQL: st.SQL, LeftOut: true})
				m.expires = append(m.expires, p.expires(st))
			}
		}
		var err error
		if m.script, err = p.at.Server.Script(ctx, p.at.Level, n, m.announced); err != nil {
			return err
		}
		p.sessions = append(p.sessions, m)
		works = append(works, m.work)
	}
	cfg := explore.Config{Limit: p.at.Limit, Waiting: p.at.Server.Waiting, With: p.with}
	if p.at.Embedded {
		cfg.Waiting = nil
	}
	p.crew = explore.NewCrew(works, cfg)
	return nil
}

func (p *player) close() error {
	if p.crew != nil {
		p.crew.Close()
	}
	var errs []error
	for _, m := range p.sessions {
		errs = append(errs, m.script.Close())
	}
	return errors.Join(errs...)
}

// expires reports whether the file says that a statement runs into its lock time-out: then all others stand still while it waits.
func (p *player) expires(st *Step) bool {
	return slices.ContainsFunc(slices.Concat(p.schedule.Allowed, p.schedule.Expect), func(c Claim) bool {
		about := st.Label != "" && c.Session == st.Session && c.Label == st.Label && c.Only.Has(p.at.Product)
		return about && (c.Verb == Expires || c.Verb == Fails &&
			(slices.Contains(c.Codes, harness.LockTimeout.String()) || slices.Contains(c.Codes, p.at.LockTimeout.Code)))
	})
}

// play leads the sessions.
func (p *player) play(ctx context.Context) error {
	err := p.crew.Play(ctx, func() int {
		if p.applied(ctx); p.fault.Load() || p.err != nil {
			return -1
		}
		first := p.next()
		p.order = append(p.order, p.sessions[first].step())
		if m := p.sessions[first]; m.expires[m.now] {
			return first + explore.Expire
		}
		return first
	})
	if errors.Is(err, explore.ErrStuck) || slices.ContainsFunc(p.sessions, func(m *session) bool { return errors.Is(m.err, errTooLong) }) {
		return p.stuck()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.err != nil {
		return p.err
	}
	for _, m := range p.sessions {
		if m.err != nil && (err == nil || errors.Is(m.err, harness.ErrServerLost)) {
			return p.schedule.errorf(m.played[m.now].Step.Line, "%s: %w", m.played[m.now].Step.Session, m.err)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.schedule.File, err)
	}
	p.collect()
	return nil
}

// next is the session whose statement comes first in the file; those that are put off come last.
func (p *player) next() int {
	first := -1
	before := func(a, b *session) bool {
		if late := p.putOff(a); late != p.putOff(b) {
			return !late
		}
		return a.step() < b.step()
	}
	for i, m := range p.sessions {
		if p.crew.Ready(i) && (first < 0 || before(m, p.sessions[first])) {
			first = i
		}
	}
	return first
}

// stuck names the statement that did not end.
func (p *player) stuck() error {
	for _, m := range p.sessions {
		if m.err == nil || !slices.Contains(p.order, m.step()) {
			continue // it is done, or had not begun
		}
		st := m.played[m.now].Step
		what := fmt.Sprintf("has not ended after %v", cmp.Or(p.at.Limit, explore.DefaultLimit))
		if p.at.Embedded && !m.tooLong.Load() {
			what = "waits for a lock that nobody is going to free: have the others COMMIT or ROLLBACK"
		}
		return p.schedule.errorf(st.Line, "%s: %s %s", st.Session, quote(st.Text()), what)
	}
	return fmt.Errorf("%s: %w", p.schedule.File, explore.ErrStuck)
}

// collect puts the sessions' steps into one order: their turns'. What began a transaction stands where the file has it.
func (p *player) collect() {
	turns := p.crew.Turns()
	at := map[int]int{} // turns, by step
	for turn, step := range p.order {
		at[step] = turn
	}
	next := make([]int, len(p.sessions)) // of each session's steps
	place := make([]int, len(turns))     // of each turn in the outcome
	for _, m := range p.sessions {
		if m.inTx {
			p.outcome.Open = append(p.outcome.Open, p.schedule.Steps[m.steps[0]].Session)
		}
	}
	put := func(i int) {
		p.outcome.Played = append(p.outcome.Played, p.sessions[i].played[next[i]])
		next[i]++
	}
	// untilTurn puts what has no turn of its own, of a session's steps before a step of the file.
	untilTurn := func(i, before int) {
		for m := p.sessions[i]; next[i] < len(m.steps) && m.steps[next[i]] < before; {
			if _, has := at[m.steps[next[i]]]; has {
				return
			}
			put(i)
		}
	}
	for turn, step := range p.order {
		for i := range p.sessions {
			untilTurn(i, step)
		}
		place[turn] = len(p.outcome.Played)
		put(turns[turn].Client)
	}
	for i := range p.sessions {
		untilTurn(i, len(p.schedule.Steps))
	}
	for turn := range turns {
		if until := turns[turn].BlockedUntil; until > 0 {
			played := &p.outcome.Played[place[turn]]
			played.Waited, played.Until = true, place[until-1]
		}
	}
	if p.at.Server.Servers() == 1 {
		p.outcome.circles()
	}
}

// circles marks the waits of a deadlock: who is refused has waited, and so has who closed the circle, whether or not the server was asked
// in time.
func (o *Outcome) circles() {
	for i := range o.Played {
		victim := &o.Played[i]
		if victim.Err == nil || victim.Err.Conflict != harness.Deadlock {
			continue
		}
		if !victim.Waited {
			victim.Waited, victim.Until = true, i
		}
		if closing := &o.Played[victim.Until]; !closing.Waited {
			closing.Waited, closing.Until = true, victim.Until
		}
	}
}

// Sessions are those that have a statement for the outcome's product.
func (o *Outcome) Sessions() []string {
	return slices.DeleteFunc(slices.Clone(o.Schedule.Sessions), func(name string) bool { return len(o.of(Claim{Session: name})) == 0 })
}
