package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Case is a scenario on a target: every schedule of its operations is run and judged.
type Case struct {
	Label        harness.Label
	Targets      []harness.Target // all Stepped, each with tables of its own; schedules are run on all of them at once, and what is found does not depend on how many there are
	Scenario     store.Scenario
	Traits       Traits
	Model        string // that is promised, if a model is: promise.Promise.Model
	Budget       int    // the most schedules; 0: all
	Seed         uint64
	Full         bool          // run equivalent schedules too
	LockTimeouts bool          // as Search's
	Stop         bool          // end with the first that breaks a rule
	Limit        time.Duration // the longest that all clients may be stuck; 0: DefaultLimit
	// Observe is shown every schedule's history, and whether it broke a rule, by one goroutine for each target; nil: nobody looks.
	Observe func(s Schedule, h *harness.History, broken bool)
	Ran     func(Found) // as Search's
}

// Report is what came of a Case.
type Report struct {
	Found
	Elapsed time.Duration // of the schedules, without making the tables
	Broken  *Broken       // the shortest schedule that breaks a rule; nil: none does
}

// Broken is a schedule that breaks a rule, played once more to be shown.
type Broken struct {
	Schedule
	Turns   []Turn
	Results []harness.Result // by client
	Rule    harness.Checker
	Texts   []string // what the rule's check says of it
	History *harness.History
}

// ErrNotStepped is what Run's error matches when the target's clients cannot be stepped.
var ErrNotStepped = errors.New("its clients cannot be stepped")

// ErrNoLocks is what Run's error matches when a scenario has a bystander, and the store no locks for it.
var ErrNoLocks = errors.New("the store has no locks of cells")

// stage is one of a Case's targets at work.
type stage struct {
	*Case
	target   harness.Target
	stepped  store.Stepped
	crew     *Crew
	sessions []harness.Session
	results  []harness.Result
	ops      []harness.Op
	start    harness.State
	checks   []harness.Checker
	rule     harness.Checker // that broke last
	texts    []string
	history  *harness.History
	telling  bool // the schedule is to be shown
}

// Run makes the case's tables, runs its schedules, and leaves the tables for the targets' Close.
func (c *Case) Run(ctx context.Context) (report *Report, err error) {
	search := Search{Budget: c.Budget, Seed: c.Seed, Full: c.Full, Stop: c.Stop, LockTimeouts: c.LockTimeouts, Ran: c.Ran}
	var first *stage
	for _, target := range c.Targets {
		s, failed := c.stage(ctx, target)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, s.close()) }()
		search.Lanes = append(search.Lanes, Lane{Player: s.crew, Each: Judging(s.each), Clear: s.stepped.Restore})
		first = cmp.Or(first, s)
	}
	begun := time.Now()
	report = &Report{}
	report.Found, err = search.Run(ctx)
	report.Elapsed = time.Since(begun)
	if err != nil {
		return report, fmt.Errorf("explore %s: %w", c.Label, err)
	}
	if report.Shortest != nil {
		if err := first.shorten(ctx, report); err != nil {
			return report, err
		}
		report.Broken, err = first.show(ctx, report.Shortest)
	}
	return report, err
}

// shorten looks for a schedule that breaks a rule with fewer preemptions than those that were run: of schedules that differ only in steps
// that commute, the one that was run need not have the fewest. What it runs is not counted.
func (s *stage) shorten(ctx context.Context, r *Report) error {
	if s.Full || s.Stop || r.Shortest.Preemptions == 0 {
		return nil
	}
	again := Search{
		Lanes:  []Lane{{Player: s.crew, Each: Judging(s.judged), Clear: s.stepped.Restore}},
		Budget: s.Budget, Full: true, Stop: true, Fewer: r.Shortest.Preemptions,
	}
	found, err := again.Run(ctx)
	if err != nil {
		return fmt.Errorf("explore %s: %w", s.Label, err)
	}
	if found.Shortest != nil {
		r.Shortest = found.Shortest
	}
	return nil
}

// Replay plays one schedule of the case on its first target, and shows it; broken says whether it breaks a rule. Where the order names a client that
// cannot go on, or says nothing more, whoever can goes next.
func (c *Case) Replay(ctx context.Context, order []int) (shown *Broken, broken bool, err error) {
	s, err := c.stage(ctx, c.Targets[0])
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	s.telling = true
	turns, err := s.crew.Replay(ctx, order)
	if err != nil {
		return nil, false, fmt.Errorf("replay on %s: %w", c.Label, err)
	}
	broken, err = s.each(ctx, Schedule{Order: order})
	return s.shown(turns, Schedule{Order: order}), broken, err
}

// stage makes a target's tables, and opens its clients.
func (c *Case) stage(ctx context.Context, target harness.Target) (*stage, error) {
	led, ok := target.(store.Stepped)
	if !ok {
		return nil, fmt.Errorf("explore %s: %w", c.Label, ErrNotStepped)
	}
	s := &stage{Case: c, target: target, stepped: led, start: c.Scenario.Workload.Init(), checks: c.Scenario.Workload.Checks()}
	if err := target.Setup(ctx, s.start.Clone()); err != nil {
		return nil, fmt.Errorf("set up %s: %w", c.Label, err)
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// open opens a client for each operation.
func (s *stage) open(ctx context.Context) error {
	n := len(s.Scenario.Ops)
	all := s.Scenario.Ops
	if len(s.Scenario.Holds) > 0 {
		all = append(slices.Clip(all), harness.Op{Name: "lock"})
	}
	s.sessions, s.results = make([]harness.Session, len(all)), make([]harness.Result, len(all))
	works := make([]Work, len(all))
	for i, op := range all {
		op.ID = harness.OpID(int32(i), 1)
		s.ops = append(s.ops, op)
		works[i] = func(ctx context.Context, _ harness.Hook) { s.results[i] = s.sessions[i].Do(ctx, &s.ops[i]) }
	}
	cfg := Config{Waiting: s.stepped.Waiting, Traits: s.Traits, Limit: s.Limit}
	if p, ok := s.target.(store.InProcess); ok && p.InProcess() {
		cfg.Waiting, cfg.Coroutines = nil, true
	}
	s.crew = NewCrew(works, cfg)
	for i := range works {
		var err error
		if i < n {
			s.sessions[i], err = s.stepped.StepSession(ctx, s.crew.Hook(i))
		} else {
			s.sessions[i], err = s.stepped.Hold(ctx, s.crew.Hook(i), s.Scenario.Holds)
		}
		if err == nil && s.sessions[i] == nil {
			err = ErrNoLocks
		}
		if err != nil {
			return fmt.Errorf("open client %d of %s: %w", i, s.Label, err)
		}
	}
	return nil
}

func (s *stage) close() error {
	s.crew.Close()
	var errs []error
	for _, session := range s.sessions {
		if session != nil {
			errs = append(errs, session.Close())
		}
	}
	return errors.Join(errs...)
}

// each judges the schedule that was just played, makes the store ready for the next, and shows who observes.
func (s *stage) each(ctx context.Context, what Schedule) (broken bool, err error) {
	broken, err = s.judged(ctx, what)
	if err == nil && s.Observe != nil {
		s.Observe(what, s.history, broken)
	}
	return broken, err
}

// judged judges the schedule that was just played, and makes the store ready for the next.
func (s *stage) judged(ctx context.Context, _ Schedule) (broken bool, err error) {
	for i := range s.results {
		if err := s.trouble(i); err != nil {
			return false, err
		}
	}
	final, err := s.stepped.Reap(ctx)
	if err != nil {
		return false, fmt.Errorf("read and restore the state: %w", err)
	}
	s.recall(final)
	return s.judge(ctx), nil
}

// trouble is the error of a client that neither a conflict nor what the operation asked for explains.
func (s *stage) trouble(i int) error {
	res := &s.results[i]
	unexpected := res.Outcome == harness.Failed && res.Conflict == harness.NoConflict && !errors.Is(res.Err, harness.ErrServiceDown)
	if unexpected || errors.Is(res.Err, harness.ErrServerLost) {
		return fmt.Errorf("client %d: %w", i, res.Err)
	}
	return nil
}

// turn is how long a turn takes in the history: what begins in it comes before what ends in it.
const turn = 2

// recall makes the history of the schedule, in place of the last one unless that may still be looked at.
func (s *stage) recall(final harness.State) {
	if s.history == nil || s.telling || s.Observe != nil {
		s.history = &harness.History{Label: s.Label, Seed: s.Seed, Model: s.Model, Start: s.start, Turn: turn}
		for i := range s.Scenario.Ops {
			s.history.Logs = append(s.history.Logs, &harness.Log{Process: int32(i)})
			if op := &s.ops[i]; !slices.Contains(s.history.Names, op.Name) {
				s.history.Names = append(s.history.Names, op.Name)
			}
		}
	}
	s.history.Final, s.history.Terse = final, !s.telling
	for i, log := range s.history.Logs {
		op, res := &s.ops[i], &s.results[i]
		first, last := s.crew.Span(i)
		log.Reset()
		log.AppendOp(harness.Record{
			Undoes: op.Undoes, Name: uint8(slices.Index(s.history.Names, op.Name)), Outcome: res.Outcome, Tries: 1,
			Invoke: int64(first) * turn, Begin: int64(first) * turn, End: int64(last)*turn + 1,
		}, op, res)
	}
}

// judge asks every check, and keeps the first rule that broke.
func (s *stage) judge(ctx context.Context) bool {
	for _, check := range s.checks {
		if check.Figure {
			continue
		}
		if f := check.Check(ctx, s.history); f.Violations > 0 {
			s.rule, s.texts = check, f.Texts
			return true
		}
	}
	return false
}

// show plays a schedule once more, and says what happened.
func (s *stage) show(ctx context.Context, what *Schedule) (*Broken, error) {
	s.telling = true
	var turns []Turn
	broken := false
	for n := 0; n < tries && !broken; n++ {
		var err error
		if turns, err = s.crew.Replay(ctx, what.Order); err != nil {
			return nil, fmt.Errorf("explore %s: play the schedule again: %w", s.Label, err)
		}
		if broken, err = s.each(ctx, *what); err != nil {
			return nil, err
		}
	}
	if !broken {
		return nil, fmt.Errorf("explore %s: %w: it broke a rule, and did not when it was played again", s.Label, ErrDiverged)
	}
	return s.shown(turns, *what), nil
}

// shown is the schedule that was just played and judged.
func (s *stage) shown(turns []Turn, what Schedule) *Broken {
	b := &Broken{Schedule: what, Turns: turns, Rule: s.rule, Texts: s.texts, History: s.history}
	for i := range s.results {
		res := s.results[i]
		res.Seen = nil // the session's own, until its next Do
		b.Results = append(b.Results, res)
	}
	return b
}
