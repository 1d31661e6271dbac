package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Telling is told of an exploration while it is under way.
type Telling struct {
	Head func(*program.Report) error // the program runs; there are no pairs yet
	Pair func(*program.Report, *program.Pair) error
	// Faulted is told what came of faults.
	Faulted func(*program.Report, *program.Faulted) error
}

// ExploreLevels explores a program at each level, one after the other; at the program's own, if there are none. The reports hold what
// there is, with an error or an interrupt too.
func ExploreLevels(ctx context.Context, s *spec.Spec, opt Options, levels []harness.Level, x program.Explorer, single Single, tell Telling) ([]program.Report, error) {
	if s.Attach != "" && x.Faults != nil {
		return nil, fmt.Errorf("%s: attach: --fault needs app:, or what was killed could not be started again", s.File)
	}
	if x.Faults != nil {
		opt.Durable = slices.ContainsFunc(x.Faults.Points, func(f program.Fault) bool { return f.Kind == program.KillServer }) || slices.Contains(x.Faults.Kinds, program.KillServer)
		opt.Whole = true // nobody else acts meanwhile
	}
	return eachLevel(ctx, s, opt, levels, func(opt Options) (*program.Report, error) { return Explore(ctx, s, opt, x, single, tell) })
}

// eachLevel does something with a program at each level, one after the other; at the program's own, if there are none. The reports hold what
// there is, with an error or an interrupt too.
func eachLevel[R any](ctx context.Context, s *spec.Spec, opt Options, levels []harness.Level, do func(Options) (*R, error)) (all []R, err error) {
	if s.Attach != "" && len(levels) > 1 {
		return nil, fmt.Errorf("%s: attach: the program would have to be started anew for each level: name one", s.File)
	}
	if len(levels) == 0 {
		levels = []harness.Level{""}
	}
	told := opt.Progress
	for i, level := range levels {
		opt.Level, opt.Progress = level, told.At(string(level), i+1, len(levels))
		r, err := do(opt)
		if r != nil {
			all = append(all, *r)
		}
		if err != nil || ctx.Err() != nil {
			return all, err
		}
	}
	return all, nil
}

// Single is one schedule that is to be played; none: all are.
type Single struct {
	Order []int
	Saved *program.Saved // or one from a file
}

// expires reports whether a statement of it runs into its lock time-out.
func (s Single) expires() bool {
	order := s.Order
	if s.Saved != nil {
		order = s.Saved.Order
	}
	return slices.ContainsFunc(order, func(actor int) bool { return actor >= explore.Expire })
}

// Explore opens a program, explores its pairs of operations as x says, or plays the schedule of one of them, and closes the program.
// The report holds what there is, with an error too.
func Explore(ctx context.Context, s *spec.Spec, opt Options, x program.Explorer, single Single, tell Telling) (r *program.Report, err error) {
	begun := time.Now()
	opt.LockTimeouts = opt.LockTimeouts || single.expires()
	p, err := Open(ctx, s, opt)
	defer func() {
		if ctx.Err() != nil {
			err = nil // what was interrupted says that it was; what is left behind is worth a word
		}
		err = errors.Join(err, p.Close(ctx))
	}()
	if err != nil {
		return nil, err
	}
	about := p.About()
	r = &program.Report{
		File: s.File, App: s.What(), Programless: s.Programless(), Attached: s.Attach != "", Server: about.Product + " " + about.Version, Engine: p.engine.Name, Throwaway: about.Throwaway, Level: p.Level(),
		Clients: p.options.Clients, Asked: opt.Level != "", Rights: about.Rights, Struck: x.Faults != nil,
	}
	if err := tell.Head(r); err != nil {
		return r, err
	}
	x.Progress = opt.Progress
	x.Clients, x.Start, x.Ignore, x.Traits = p.options.Clients, p.Start(), s.Ignore, p.Traits()
	x.LostSales, x.StaleReads, x.LockTimeouts = s.LostSales, s.StaleReads, opt.LockTimeouts
	for i := range s.Operations {
		x.Operations = append(x.Operations, s.Operations[i].Name)
	}
	for _, l := range p.lanes {
		x.Lanes = append(x.Lanes, l)
	}
	tellPair := func(pair *program.Pair) error { return tell.Pair(r, pair) }
	var pair *program.Pair
	switch {
	case x.Faults != nil:
		r.Faults, err = x.Break(ctx, func(f *program.Faulted) error { return tell.Faulted(r, f) })
	case single.Saved != nil:
		pair, err = x.ReplaySaved(ctx, single.Saved)
	case single.Order != nil:
		pair, err = x.Replay(ctx, single.Order)
	default:
		r.Pairs, err = x.Run(ctx, tellPair)
	}
	if pair != nil && err == nil {
		r.Pairs, err = []program.Pair{*pair}, tellPair(pair)
	}
	r.Seconds = time.Since(begun).Seconds()
	return r, p.explain(err)
}

// explain adds what only the proxies know to an error.
func (p *Program) explain(err error) error {
	if errors.Is(err, program.ErrSilent) {
		err = fmt.Errorf("%w; it was given %s, and what env: names", err, VariableNames)
	}
	if fails := new(program.AlwaysFailsError); errors.As(err, &fails) {
		if process := p.lanes[0].copies[0].process; process != nil && process.Printed() != "" {
			err = fmt.Errorf("%w\nThe end of what the program printed:\n%s", err, process.Printed())
		}
	}
	for _, l := range p.lanes {
		for _, in := range l.copies {
			if trouble := in.proxy.Trouble(); err != nil && trouble != nil {
				return fmt.Errorf("%w; %w", err, trouble)
			}
		}
	}
	return err
}
