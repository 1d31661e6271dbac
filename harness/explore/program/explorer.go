package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/serial"
)

// Explorer explores operations of a program.
type Explorer struct {
	Lanes        []Lane
	Operations   []string
	Clients      int            // that run at the same time; 0: 2
	Only         [][]string     // the pairs to explore; none: all
	Faults       *Faults        // that Break has strike
	Start        []serial.Table // what the schedules find
	Ignore       []string       // tables and columns that may differ
	Traits       explore.Traits // of the level that the program's sessions have
	Schedules    int            // the most of a pair
	Seed         uint64
	First        bool        // end a pair with the first violation
	LostSales    bool        // a lost sale is a violation
	StaleReads   bool        // so is a stale read
	Full         bool        // schedules that differ only in the order of statements that commute, too
	Until        time.Time   // begin no schedule after it; zero: whenever
	LockTimeouts bool        // as explore.Search's
	Strict       func() bool // as explore.Search's
	// Apart is how long two serial executions are apart at least; 0: long enough for times in seconds to differ.
	Apart    time.Duration
	Progress progress.Func // nil: nobody is told how far it is
}

// apart is Explorer.Apart where it is 0.
const apart = 1100 * time.Millisecond

// AlwaysFailsError says that an operation has no other answer than an error.
type AlwaysFailsError struct{ Operation, Answer string }

func (e *AlwaysFailsError) Error() string {
	return fmt.Sprintf("%s fails alone: %s", e.Operation, e.Answer)
}

// IdleError says that no operation changes anything.
type IdleError struct{ Answers []string }

func (e *IdleError) Error() string {
	return "no operation changes anything when it runs alone: does the seed hold what they need? " + strings.Join(e.Answers, "; ")
}

// ErrSilent is what Run's error matches when no statement came through the proxies.
var ErrSilent = errors.New("no statement came through lastseat's address")

// Run explores all pairs, and hands on each as soon as it is there.
func (x *Explorer) Run(ctx context.Context, done func(*Pair) error) ([]Pair, error) {
	cases, err := x.prepare(ctx, x.cases)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for i, c := range cases {
		begun := time.Now()
		c.number, c.of = i+1, len(cases)
		if err := c.explore(ctx); err != nil {
			return pairs, fmt.Errorf("%s: %w", c.Name(), err)
		}
		c.Seconds += time.Since(begun).Seconds()
		err := done(&c.Pair)
		if pairs = append(pairs, c.Pair); err != nil {
			return pairs, err
		}
	}
	return pairs, nil
}

// Replay plays one schedule of a pair, and judges it.
func (x *Explorer) Replay(ctx context.Context, order []int) (*Pair, error) {
	return x.replay(ctx, order, nil)
}

// ReplaySaved plays a saved schedule, and judges it. Its statements must be as they were.
func (x *Explorer) ReplaySaved(ctx context.Context, saved *Saved) (*Pair, error) {
	return x.replay(ctx, saved.Order, saved)
}

func (x *Explorer) replay(ctx context.Context, order []int, saved *Saved) (*Pair, error) {
	cases, err := x.prepare(ctx, x.cases)
	if err != nil {
		return nil, err
	}
	c := cases[0]
	if c.differs != nil {
		c.notDeterministic()
		return &c.Pair, nil
	}
	before := c.Pair
	for try := 1; ; try++ {
		c.Pair = before
		if err := c.replay(ctx, order); err != nil || saved == nil {
			return &c.Pair, err
		}
		if err := saved.check(c.Shortest.Steps); err == nil || try == replays { // it may have gone another way
			return &c.Pair, err
		}
	}
}

// prepare runs each operation alone, and all serial orders of each pair twice: apart in time, and in the numbers of generated keys.
func (x *Explorer) prepare(ctx context.Context, list func(readOnly map[string][]bool) ([]*pairCase, error)) ([]*pairCase, error) {
	readOnly, told, err := x.alone(ctx)
	if err != nil {
		return nil, err
	}
	cases, err := list(readOnly)
	if err != nil {
		return nil, err
	}
	if len(cases) == 0 {
		return nil, &IdleError{told}
	}
	wait := time.Duration(0)
	if serial.Recent(x.Start, time.Now()) {
		wait = x.apart() // or what is written in the same second looks as if it had not been
	}
	for range 2 {
		if err := harness.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		wait = x.apart()
		for _, lane := range x.Lanes {
			if err := lane.Jump(ctx); err != nil {
				return nil, err
			}
		}
		for _, c := range cases {
			x.Progress.Say(progress.Case{Name: c.Name() + " one after the other", Cases: len(cases)})
			if err := c.serially(ctx, x.Lanes[0]); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name(), err)
			}
		}
	}
	return cases, nil
}

func (x *Explorer) apart() time.Duration {
	if x.Apart > 0 {
		return x.Apart
	}
	return apart
}

func (x *Explorer) clients() int { return max(x.Clients, 2) }

// alone runs each operation alone, on each lane by each client, so that connections are open and nobody is cold; and looks which
// operations write nothing, and what they answer.
func (x *Explorer) alone(ctx context.Context) (readOnly map[string][]bool, told []string, err error) {
	readOnly = map[string][]bool{}
	statements := 0
	for _, name := range x.Operations {
		for l, lane := range x.Lanes {
			lane.Cast(slices.Repeat([]string{name}, x.clients()))
			for i := range x.clients() {
				o, err := lane.Serial(ctx, []int{i})
				if err != nil {
					return nil, nil, fmt.Errorf("%s: %w", name, err)
				}
				f := lane.Facts()
				statements += f.Statements
				if a := &o.Answers[i]; a.Outcome == harness.Unknown || a.Outcome == harness.Failed {
					return nil, nil, &AlwaysFailsError{name, a.Text}
				}
				if l == 0 && i == 0 {
					told = append(told, name+" answered "+o.Answers[i].Text)
				}
				if l == 0 {
					readOnly[name] = append(readOnly[name], x.untouched(o))
				}
				if f.Level != "" { // what it asks for, nobody knows beforehand
					x.Traits = explore.Traits{TxSnapshot: true, Watches: true}
				}
			}
		}
		if statements == 0 {
			return nil, nil, fmt.Errorf("%s: %w: the program has its data elsewhere, and nothing more was asked of it", name, ErrSilent)
		}
	}
	return readOnly, told, nil
}

// sameOperations reports whether two lists name the same operations, in whatever order.
func sameOperations(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// untouched reports whether the tables are as at the start.
func (x *Explorer) untouched(o *serial.Outcome) bool { return len(Differences(x.Start, o)) == 0 }

func sameRows(a, b [][]string) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.SortFunc(x, slices.Compare)
	slices.SortFunc(y, slices.Compare)
	return slices.EqualFunc(x, y, slices.Equal)
}

// cases are all that is to be explored: every multiset of operations, in the order in which they are named, of which one writes.
func (x *Explorer) cases(readOnly map[string][]bool) (all []*pairCase, err error) {
	var add func(from int, names []string) error
	add = func(from int, names []string) error {
		if len(names) == x.clients() {
			if len(x.Only) > 0 && !slices.ContainsFunc(x.Only, func(only []string) bool { return sameOperations(only, names) }) {
				return nil
			}
			c := &pairCase{x: x, Pair: Pair{Operations: slices.Clone(names), Seed: x.Seed}}
			if c.judge, err = serial.New(x.Start, x.Ignore); err != nil {
				return err
			}
			reads := make([]bool, len(names))
			for i, n := range names {
				reads[i] = readOnly[n][i]
			}
			if !slices.Contains(reads, false) {
				return nil // nobody writes: there is nothing to be seen
			}
			c.judge.ReadOnly(reads)
			all = append(all, c)
			return nil
		}
		for i := from; i < len(x.Operations); i++ {
			if err := add(i, append(names, x.Operations[i])); err != nil {
				return err
			}
		}
		return nil
	}
	return all, add(0, nil)
}
