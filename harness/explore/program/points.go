package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/serial"
)

// Breakable is a Lane whose clients can be struck by faults.
type Breakable interface {
	Lane
	// Struck restores the store, and has clients carry out their operations one after the other while a fault strikes; nil: none does.
	// Whatever was killed runs again when it returns.
	Struck(ctx context.Context, f *Fault) (*serial.Outcome, error)
	// Renew starts a client's copy of the program anew.
	Renew(ctx context.Context, client int) error
	// Identified reports whether a client's request says which request it is.
	Identified(client int) bool
	// Cannot is why faults of a kind do not strike here; empty: they do.
	Cannot(kind FaultKind) string
}

// Break has faults strike at each point of each operation alone, and of each two, one after the other. It hands on what came of each.
func (x *Explorer) Break(ctx context.Context, done func(*Faulted) error) (all []Faulted, err error) {
	lane, ok := x.Lanes[0].(Breakable)
	if !ok {
		return nil, errors.New("its clients cannot be struck by faults")
	}
	for _, p := range x.Faults.Points {
		if why := lane.Cannot(p.Kind); why != "" {
			return nil, fmt.Errorf("--fault %s: %s", p.Kind, why)
		}
	}
	cases, err := x.prepare(ctx, x.lists)
	if err != nil {
		return nil, err
	}
	for i, c := range cases {
		begun := time.Now()
		c.number, c.of = i+1, len(cases)
		s := &strikes{pairCase: c, lane: lane, Faulted: Faulted{Operations: c.Operations, Verdict: harness.Safe}}
		if err := s.run(ctx); err != nil {
			return all, fmt.Errorf("%s: %w", s.Name(), err)
		}
		s.Seconds = time.Since(begun).Seconds()
		all = append(all, s.Faulted)
		if err := done(&all[len(all)-1]); err != nil {
			return all, err
		}
	}
	return all, nil
}

// lists are the operations to be struck: each that writes alone, then each two.
func (x *Explorer) lists(readOnly map[string][]bool) (all []*pairCase, err error) {
	var lists [][]string
	for _, a := range x.Operations {
		lists = append(lists, []string{a})
	}
	for _, a := range x.Operations {
		for _, b := range x.Operations {
			lists = append(lists, []string{a, b})
		}
	}
	for _, list := range lists {
		writes := slices.ContainsFunc(list, func(name string) bool { return !readOnly[name][0] })
		if len(x.Only) > 0 && !slices.ContainsFunc(x.Only, func(o []string) bool { return slices.Equal(o, list) }) || !writes {
			continue
		}
		c := &pairCase{x: x, Pair: Pair{Operations: list}}
		if c.judge, err = serial.New(x.Start, x.Ignore); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// strikes are the points of a few operations, one after the other.
type strikes struct {
	*pairCase
	Faulted
	lane Breakable
	base *serial.Outcome // without a fault
}

// Name is the operations, for people.
func (s *strikes) Name() string { return s.Faulted.Name() }

func (s *strikes) run(ctx context.Context) error {
	if s.differs != nil {
		s.undecided()
		return nil
	}
	s.lane.Cast(s.Operations)
	s.lane.Facts()
	if err := s.twice(ctx); err != nil {
		return err
	}
	var err error
	if s.base, err = s.lane.Struck(ctx, nil); err != nil {
		return err
	}
	s.Statements = s.lane.Steps()
	points, err := s.points()
	if err != nil {
		return err
	}
	for i, f := range points {
		s.x.Progress.Say(progress.Case{
			Name: s.Name(), Number: s.number, Cases: s.of, Steps: "points", Done: int64(i), Most: int64(len(points)), Broken: int64(s.Count(harness.Unsafe)),
			Share: progress.Of(int64(i), int64(len(points))),
		})
		p, err := s.point(ctx, f)
		if errors.Is(err, errNotDeterministic) {
			s.undecided()
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name(len(s.Operations)), err)
		}
		s.Points = append(s.Points, *p)
		if p.Verdict != harness.Safe && s.Verdict != harness.Unsafe {
			s.Verdict, s.Why = p.Verdict, p.Why
		}
	}
	if len(points) == 0 {
		s.Verdict, s.Why = harness.Inconclusive, "no fault of these kinds has a point here"
	}
	return s.lane.Restore(ctx)
}

func (s *strikes) undecided() {
	s.notDeterministic()
	s.Verdict, s.Why, s.Notes = s.Pair.Verdict, s.Pair.Why, append(s.Notes, s.Pair.Notes...)
}

// twice runs a request twice: where nothing in it says that it is the same, it may take effect twice.
func (s *strikes) twice(ctx context.Context) error {
	if len(s.Operations) > 1 || !s.wanted(Repeat) {
		return nil
	}
	if !s.lane.Identified(0) {
		s.Notes = append(s.Notes, fmt.Sprintf("Nothing in the request of %s says which request it is ({id}): repeated, it may take effect twice.", s.Operations[0]))
	}
	o, err := s.lane.Serial(ctx, []int{0, 0})
	if err != nil {
		return err
	}
	return s.judge.Add([]int{0, 0}, o)
}

func (s *strikes) wanted(kind FaultKind) bool {
	return slices.Contains(s.x.Faults.Kinds, kind) || slices.ContainsFunc(s.x.Faults.Points, func(f Fault) bool { return f.Kind == kind })
}

// points are where faults strike.
func (s *strikes) points() (all []Fault, err error) {
	for _, p := range s.x.Faults.Points {
		if p.Client >= len(s.Operations) || p.Statement > s.count(p.Client) {
			return nil, fmt.Errorf("--fault %s: there is no such point; %s has %d statements", p.Name(len(s.Operations)), s.Name(), len(s.Statements))
		}
		all = append(all, p)
	}
	for _, kind := range s.x.Faults.Kinds {
		if why := s.lane.Cannot(kind); why != "" {
			s.Notes = append(s.Notes, fmt.Sprintf("Not tried: %s: %s.", kind, why))
			continue
		}
		for client := range s.Operations {
			all = append(all, s.pointsOf(kind, client)...)
		}
	}
	return all, nil
}

func (s *strikes) count(client int) (n int) {
	for i := range s.Statements {
		if s.Statements[i].Client == client {
			n++
		}
	}
	return n
}

// pointsOf are the points of a client for faults of a kind. A server is killed, and a request repeated, where one client is alone.
func (s *strikes) pointsOf(kind FaultKind, client int) (all []Fault) {
	alone, n := len(s.Operations) == 1, 0
	if !alone && (kind == KillServer || kind == Repeat) {
		return nil
	}
	for i := range s.Statements {
		if s.Statements[i].Client != client {
			continue
		}
		n++
		if kind != LostCommit && kind != Repeat || s.Statements[i].Acknowledges {
			all = append(all, Fault{kind, client, n})
		}
	}
	switch {
	case kind == KillProgram || kind == KillServer:
		all = append(all, Fault{kind, client, End})
	case kind == Repeat && s.lane.Identified(client):
		all = append(all, Fault{kind, client, 0})
	}
	return all
}

// again is how often a point is played until it comes out as it did.
const again = 3

// point has a fault strike, and judges what came of it.
func (s *strikes) point(ctx context.Context, f Fault) (*Point, error) {
	p, err := s.strike(ctx, f)
	for try := 0; err == nil && p.Verdict == harness.Unsafe && try < again; try++ {
		second, err := s.strike(ctx, f)
		if err != nil || second.Verdict == harness.Unsafe {
			return second, err
		}
	}
	if err == nil && p.Verdict == harness.Unsafe {
		p.Verdict, p.Why = harness.Inconclusive, fmt.Sprintf("it was not all or nothing once, and never again when it was played %d times more", again)
	}
	return p, err
}

// strike has a fault strike once, and makes all ready for the next.
func (s *strikes) strike(ctx context.Context, f Fault) (*Point, error) {
	o, err := s.lane.Struck(ctx, &f)
	if err != nil {
		return nil, err
	}
	broken, err := s.lane.Broken(ctx)
	if err != nil {
		return nil, err
	}
	struck := make([]bool, len(o.Answers))
	struck[f.Client] = true
	twice := f.Kind == Repeat && !s.lane.Identified(f.Client)
	fits := s.judge.Struck(o, struck, twice)
	if !fits && !s.confirmed { // as in weigh
		s.confirmed = true
		if err := harness.Sleep(ctx, s.x.apart()-time.Since(s.last)); err != nil {
			return nil, err
		}
		if err := s.serially(ctx, s.lane); err != nil {
			return nil, err
		}
		if s.differs != nil {
			return nil, errNotDeterministic
		}
		fits = s.judge.Struck(o, struck, twice)
	}
	p := s.told(f, o, broken, fits)
	facts := s.lane.Facts()
	for _, left := range facts.Left {
		s.remark(left)
	}
	return p, s.recover(ctx, f)
}

// remark notes what was noticed, once.
func (s *strikes) remark(text string) {
	if !slices.Contains(s.Notes, text) {
		s.Notes = append(s.Notes, text)
	}
}

// recover waits until the client's copy of the program works as before: its pool may hold connections that have ended.
func (s *strikes) recover(ctx context.Context, f Fault) error {
	const tries = 4
	for try := range tries + 1 {
		if try == tries {
			s.remark(fmt.Sprintf("After %s the program did not come back by itself: its requests failed, and it was started anew.", f.Kind))
			if err := s.lane.Renew(ctx, f.Client); err != nil {
				return err
			}
		}
		o, err := s.lane.Struck(ctx, nil)
		if err != nil {
			return err
		}
		if o.Answers[f.Client].Outcome == s.base.Answers[f.Client].Outcome {
			return nil
		}
	}
	return fmt.Errorf("the program did not work any more after %s, not even started anew", f.Kind)
}
