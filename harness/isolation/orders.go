package isolation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/owncode"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/suite"
)

// Orders is what came of all orders of a schedule's statements, on several servers and levels.
type Orders struct {
	File        string  `json:"file"`
	Title       string  `json:"title"`
	Judge       string  `json:"judge"` // by what it was judged
	Places      []Place `json:"places"`
	Interrupted bool    `json:"interrupted"`
	Err         error   `json:"-"` // on some target it could not be explored
}

// Place is a server at a level, and what came of all orders there.
type Place struct {
	Where      string          `json:"where"` // postgres@read-committed
	Server     string          `json:"server"`
	Skip       string          `json:"skip,omitempty"` // why nothing was tried there
	Verdict    harness.Verdict `json:"verdict"`
	Schedules  int             `json:"schedules"`
	Breaking   int             `json:"breaking"`
	Refused    int             `json:"refused"` // schedules in which the server refused what no serial order refuses: safe, with another attempt
	Exhaustive bool            `json:"exhaustive"`
	Why        string          `json:"why,omitempty"`    // it is inconclusive
	Broken     string          `json:"broken,omitempty"` // what the shortest order breaks, in a sentence
	Transcript string          `json:"transcript,omitempty"`
	Beside     string          `json:"beside,omitempty"` // what it left, and what serial orders leave
	Notes      []string        `json:"notes,omitempty"`

	// Shortest is the schedule with its steps in the shortest order that breaks; nil: none does.
	Shortest *schedule.Schedule `json:"-"`
	Saved    string             `json:"saved,omitempty"` // its file
}

// Search says how orders are tried.
type Search struct {
	Budget       int // schedules at a place; 0: owncode.DefaultBudget
	Seed         uint64
	Full, First  bool
	LockTimeouts bool
	// Tell is told of each place as soon as it is decided, and may save its Shortest; nil: nobody is.
	Tell     func(*Place) error
	Progress progress.Func // nil: nobody is told how far it is
}

// Explore runs a schedule's sessions in every order of their statements, at each level of each server, and judges what each order leaves
// behind: by the file's invariants, or by what the sessions have one after the other.
func (c *Config) Explore(ctx context.Context, s *schedule.Schedule, how Search) *Orders {
	all := &Orders{File: s.File, Title: s.Title(), Judge: judge(s)}
	number, told := 0, how.Progress
	missing, err := c.each(ctx, 1, false, func(ctx context.Context, at server) error {
		for _, at.Level = range at.levels {
			number++
			p := Place{Where: at.target + "@" + string(at.Level), Server: at.title}
			how.Progress = told.As(p.Where, number, max(len(c.Targets)*len(at.levels), number))
			if err := c.orders(ctx, at, s, how, &p); err != nil {
				return err
			}
			all.Places = append(all.Places, p)
			if how.Tell == nil {
				continue
			}
			if err := how.Tell(&all.Places[len(all.Places)-1]); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range missing {
		all.Places = append(all.Places, Place{Where: missing[i].Target, Skip: missing[i].Missing})
	}
	all.Interrupted, all.Err = ctx.Err() != nil, err
	return all
}

// judge is by what a schedule's orders are judged.
func judge(s *schedule.Schedule) string {
	const serially = "what the sessions answer and leave one after the other, in some order"
	ofAll := func(i schedule.Invariant) bool { return len(i.Only.Names) == 0 }
	switch {
	case len(s.Invariants) == 0:
		return serially
	case slices.ContainsFunc(s.Invariants, ofAll):
		return "its invariants"
	}
	return "its invariants, and on products for which it has none by " + serially
}

// ErrOrders is what the error for a schedule that cannot be explored matches.
var ErrOrders = errors.New("explore")

// orders runs all orders at one place.
func (c *Config) orders(ctx context.Context, at server, s *schedule.Schedule, how Search, p *Place) error {
	if _, p.Skip = at.Server.Isolation(at.Level); p.Skip != "" {
		return nil
	}
	o := newOrdered(s, at.Product)
	code := owncode.Code[*sql.DB]{
		Names: o.names, Setup: o.setUp, Reset: o.reset, Isolation: at.Level, Budget: how.Budget, Seed: how.Seed, Full: how.Full, Stop: how.First,
		LockTimeouts: how.LockTimeouts, Limit: c.Limit, Ignore: s.Ignore, Progress: how.Progress,
	}
	if len(o.invariants) > 0 {
		code.Check, code.Ignore = o.check, nil
	}
	for _, name := range o.names {
		steps := o.steps(name)
		code.Clients = append(code.Clients, owncode.Returning(func(ctx context.Context, db *sql.DB) (map[string]any, error) { return perform(ctx, db, steps) }))
	}
	if len(code.Clients) < 2 {
		return fmt.Errorf("%w: %s has %d session with statements for %s, and one alone has one order", ErrOrders, s.File, len(code.Clients), at.Product)
	}
	r, err := owncode.Explore(ctx, at.opened.Server, code)
	if err == nil {
		err = o.fault
	}
	if err != nil && ctx.Err() == nil {
		return o.told(err)
	}
	p.take(&r, o, at.Level)
	return nil
}

// take fills in what came of it.
func (p *Place) take(r *owncode.Report, o *ordered, level harness.Level) {
	p.Verdict, p.Schedules, p.Breaking, p.Exhaustive, p.Notes = r.Verdict, r.Schedules, r.Breaking, r.Exhaustive, r.Notes
	p.Refused = r.Errors + r.LostSales
	f := r.Shortest
	switch {
	case r.Breaking > 0 && f != nil:
		p.Verdict, p.Broken = harness.Unsafe, f.Err.Error()
		p.Transcript, p.Beside = f.Transcript, f.Beside
		p.Shortest = o.inOrder(f.Schedule, level)
		if f.Preemptions == 0 && len(o.invariants) > 0 {
			p.Broken += ", with one session after the other: no level mends that"
		}
	case r.Why != "":
		p.Verdict, p.Why = harness.Inconclusive, r.Why
	case r.Unsteady > 0:
		p.Verdict, p.Why = harness.Inconclusive, fmt.Sprintf("%d orders went another way each time they were tried", r.Unsteady)
	case !r.Exhaustive:
		p.Verdict, p.Why = harness.Inconclusive, "there are more orders than were tried: --budget tries more"
	}
}

// inOrder is the schedule with its steps in the order of turns, at a level: clients, counted from 1. What begins a transaction has no
// turn, and comes with what follows it.
func (o *ordered) inOrder(turns []int, level harness.Level) *schedule.Schedule {
	own := *o.s
	own.Level = level
	own.Steps, own.Expect, own.Allowed, own.Hazard = nil, nil, nil, ""
	left := make([][]schedule.Step, len(o.names))
	for i, name := range o.names {
		left[i] = o.steps(name)
	}
	for _, turn := range turns {
		i := max(turn, -turn) - 1
		for len(left[i]) > 0 {
			st := left[i][0]
			own.Steps, left[i] = append(own.Steps, st), left[i][1:]
			if harness.PointOf(st.SQL, false) != harness.AtBegin {
				break
			}
		}
	}
	for i := range left {
		own.Steps = append(own.Steps, left[i]...)
	}
	return &own
}

// told is an error in words of a schedule file.
func (o *ordered) told(err error) error {
	var mistake *schedule.Error
	if errors.As(err, &mistake) {
		return mistake
	}
	if !errors.Is(err, owncode.ErrCode) {
		return fmt.Errorf("%s: %w", o.s.File, err)
	}
	text := strings.TrimPrefix(err.Error(), owncode.ErrCode.Error()+": ")
	for _, words := range [][2]string{{", after Code.Reset", ""}, {"Code.Reset", "setup:"}, {"Code.Setup", "setup:"}, {"Code.Check is nil", "there are no invariants:"}} {
		text = strings.ReplaceAll(text, words[0], words[1])
	}
	return fmt.Errorf("%w: %s: %s", ErrOrders, o.s.File, text)
}

// ExitCode is the program's exit code.
func (all *Orders) ExitCode() int {
	verdicts := map[harness.Verdict]int{}
	for i := range all.Places {
		if all.Places[i].Skip == "" {
			verdicts[all.Places[i].Verdict]++
		}
	}
	switch {
	case all.Err != nil:
		return suite.ExitSetup
	case verdicts[harness.Unsafe] > 0:
		return suite.ExitBroken
	case all.Interrupted:
		return suite.ExitInterrupted
	case verdicts[harness.Inconclusive] > 0 || len(verdicts) == 0:
		return suite.ExitInconclusive
	}
	return suite.ExitAsExpected
}

// Tried is the places at which orders were run.
func (all *Orders) Tried() []Place {
	return slices.DeleteFunc(slices.Clone(all.Places), func(p Place) bool { return p.Skip != "" })
}
