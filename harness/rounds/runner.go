package rounds

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/serial"
)

// Lane is a database with copies of a program, to which clients send requests.
type Lane interface {
	// Cast says which operation each client carries out from now on.
	Cast(operations []string)
	// Restore makes the database as each round finds it.
	Restore(ctx context.Context) error
	// Jump has sequences of generated keys go on from far ahead.
	Jump(ctx context.Context) error
	// Serial restores the database, and has clients carry out their operations one after the other.
	Serial(ctx context.Context, order []int) (*serial.Outcome, error)
	// Prefixes is Serial, with what had come of it before the first client, after the first, and so on.
	Prefixes(ctx context.Context, order []int) ([]*serial.Outcome, error)
	// Burst has all clients send their requests at one moment, while a fault, if there is one, strikes once at a moment that is drawn.
	Burst(ctx context.Context, fault program.FaultKind, r *rand.Rand) (*Burst, error)
	// Recover has the program work as before a burst that a fault was there for; struck: it did strike.
	Recover(ctx context.Context, fault program.FaultKind, struck bool) error
	// Broken are the user's rules that the database breaks now, each with what was found.
	Broken(ctx context.Context) ([]string, error)
	// Facts are what was noticed since they were asked for last.
	Facts() program.Facts
}

// Burst is what came of one.
type Burst struct {
	Outcome *serial.Outcome
	Met     bool   // transactions that touched the same table overlapped
	Struck  string // the statement at which a fault struck an operation under way; empty: none did
}

// Runner runs rounds.
type Runner struct {
	Lane       Lane
	Operations []string
	Weights    []int               // by operation: how many clients of a mixed burst
	Only       []string            // operations; none: all
	Faults     []program.FaultKind // each strikes in rounds of its own; empty: none does; none of them: as one that is empty
	Seed       uint64              // of the moments at which faults strike
	Clients    int                 // of a burst
	Unwired    bool                // nothing is seen between the program and its database
	Copies     int                 // of the program
	Start      []serial.Table
	Ignore     []string
	// Identified reports whether an operation's request says which request it is, so that it may be repeated.
	Identified func(operation string) bool
	Words      func(operation string, client int) []string // that stand for a client, its name first
	Rules      bool                                        // the user has rules of his own, of which Lane.Broken knows
	LostSales  bool                                        // a lost sale is a violation
	StaleReads bool                                        // so is a stale read
	MinTrials  int                                         // that a safe case needs
	Limit      time.Duration                               // of all rounds together; 0: a minute for each case
	Control    func(ctx context.Context) (Control, error)
	Apart      time.Duration // between two serial executions, at least; 0: long enough for times in seconds to differ
	Progress   progress.Func // nil: nobody is told how far it is

	readOnly map[string]bool
	control  Control
	end      time.Time // of all cases
	decided  int       // of these
	of       int
}

const (
	// apart is Runner.Apart where it is 0.
	apart = 1100 * time.Millisecond
	// first is how long each case is tried before any is tried for long, so that what breaks is known soon.
	first = 1500 * time.Millisecond
	// enough rounds, or so much time, are run of a case that breaks, to say how often.
	enough, enoughTime = 100, 2 * time.Second
	usualLimit         = time.Minute
)

// Run runs all cases, and hands on each as soon as it is decided. What there is after an interrupt is handed on without an error.
func (r *Runner) Run(ctx context.Context, report *Report, done func(*Case) error) error {
	cases, err := r.prepare(ctx)
	if err != nil {
		return err
	}
	if r.control, err = r.Control(ctx); err != nil {
		return err
	}
	report.Control = &r.control
	limit := time.Duration(len(cases)) * usualLimit
	if r.Limit > 0 {
		limit = r.Limit
	}
	r.end, r.of = time.Now().Add(limit), len(cases)
	finish := func(c *running) error {
		c.conclude()
		r.decided++
		report.Cases = append(report.Cases, c.Case)
		return done(&report.Cases[len(report.Cases)-1])
	}
	var open []*running
	for _, c := range cases {
		if err := c.rounds(ctx, time.Now().Add(min(first, limit/time.Duration(len(cases))))); err != nil {
			return fmt.Errorf("%s: %w", c.Name(), err)
		}
		if c.decided() {
			if err := finish(c); err != nil {
				return err
			}
			continue
		}
		open = append(open, c)
	}
	for i, c := range open {
		if err := c.rounds(ctx, time.Now().Add(time.Until(r.end)/time.Duration(len(open)-i))); err != nil {
			return fmt.Errorf("%s: %w", c.Name(), err)
		}
		if err := finish(c); err != nil {
			return err
		}
	}
	return nil
}

// prepare runs each operation alone, and the serial executions of each case twice: apart in time, and in the numbers of generated keys.
func (r *Runner) prepare(ctx context.Context) ([]*running, error) {
	told, err := r.alone(ctx)
	if err != nil {
		return nil, err
	}
	cases, err := r.cases()
	if err != nil {
		return nil, err
	}
	if len(cases) == 0 {
		return nil, &program.IdleError{Answers: told}
	}
	wait := time.Duration(0)
	if serial.Recent(r.Start, time.Now()) {
		wait = r.apart() // or what is written in the same second looks as if it had not been
	}
	for slices.ContainsFunc(cases, func(c *running) bool { return c.learned < 2 && c.differs == nil }) {
		if err := harness.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		wait = r.apart()
		if err := r.Lane.Jump(ctx); err != nil {
			return nil, err
		}
		for _, c := range cases {
			if c.learned >= 2 {
				continue
			}
			r.Progress.Say(progress.Case{Name: c.Name() + " one after the other", Cases: len(cases)})
			if err := c.learn(ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name(), err)
			}
			c.last = time.Now()
		}
	}
	return cases, nil
}

func (r *Runner) apart() time.Duration { return cmp.Or(r.Apart, apart) }

// alone runs each operation alone, on each copy, so that connections are open and nobody is cold; and looks which operations write
// nothing, and what they answer.
func (r *Runner) alone(ctx context.Context) (told []string, err error) {
	r.readOnly = map[string]bool{}
	statements := 0
	for _, name := range r.Operations {
		r.Lane.Cast(slices.Repeat([]string{name}, r.Clients))
		for i := range min(r.Clients, r.Copies) {
			o, err := r.Lane.Serial(ctx, []int{i})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			statements += r.Lane.Facts().Statements
			if a := &o.Answers[i]; a.Outcome == harness.Unknown || a.Outcome == harness.Failed {
				return nil, &program.AlwaysFailsError{Operation: name, Answer: a.Text}
			}
			if i == 0 {
				told = append(told, name+" answered "+o.Answers[i].Text)
				r.readOnly[name] = true
			}
			r.readOnly[name] = r.readOnly[name] && len(program.Differences(r.Start, o)) == 0
		}
		if statements == 0 && !r.Unwired {
			return nil, fmt.Errorf("%s: %w: the program has its data elsewhere, and nothing more was asked of it", name, program.ErrSilent)
		}
	}
	return told, nil
}

// cases are each operation that writes with itself, and one burst of all.
func (r *Runner) cases() (all []*running, err error) {
	named := r.Operations
	if len(r.Only) > 0 {
		named = r.Only
	}
	add := func(operations []string, how Case) error {
		for _, f := range append(r.Faults, map[bool][]program.FaultKind{true: {""}}[len(r.Faults) == 0]...) {
			c := &running{run: r, Case: how}
			c.Operations, c.Fault, c.Alike = operations, f, how.Alike && len(operations) > 1
			c.rand = rand.New(rand.NewPCG(r.Seed, uint64(len(all))))
			all = append(all, c)
			if err := c.newOracle(); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range named {
		if !r.readOnly[name] {
			if err := add(slices.Repeat([]string{name}, r.Clients), Case{Alike: true}); err != nil {
				return nil, err
			}
		}
	}
	if len(named) < 2 || len(all) == 0 {
		return all, nil
	}
	few := Case{}
	if r.Clients > mostOrdered && !r.Rules {
		few.Notes = []string{fmt.Sprintf("These are %d of %d clients: all their serial orders were run, and of more there are too many. With invariants: or effects: in the file, bursts of all are judged by those.", mostOrdered, r.Clients)}
	}
	if err := add(r.mixed(named, min(r.Clients, mostOrdered)), few); err != nil || r.Clients <= mostOrdered || !r.Rules {
		return all, err
	}
	return all, add(r.mixed(named, r.Clients), Case{ByRules: true})
}

// mixed is a burst of several operations: each in turn, those with a greater weight more often.
func (r *Runner) mixed(named []string, clients int) (burst []string) {
	given := make([]float64, len(named))
	for range clients {
		next := 0
		for i, name := range named {
			if weight := float64(r.Weights[slices.Index(r.Operations, name)]); i == 0 || (given[i]+1)/weight < (given[next]+1)/float64(r.Weights[slices.Index(r.Operations, named[next])]) {
				next = i
			}
		}
		given[next]++
		burst = append(burst, named[next])
	}
	slices.SortStableFunc(burst, func(a, b string) int { return slices.Index(named, a) - slices.Index(named, b) })
	return burst
}
