package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Telling is told of an exploration while it is under way.
type Telling struct {
	Head func(*program.Report) error // the program runs; there are no pairs yet
	Pair func(*program.Pair) error
}

// ExploreLevels explores a program at each level, one after the other; at the program's own, if there are none. The reports hold what
// there is, with an error or an interrupt too.
func ExploreLevels(ctx context.Context, s *spec.Spec, opt Options, levels []harness.Level, x program.Explorer, order []int, tell Telling) ([]program.Report, error) {
	if len(levels) == 0 {
		levels = []harness.Level{""}
	}
	var all []program.Report
	for _, opt.Level = range levels {
		r, err := Explore(ctx, s, opt, x, order, tell)
		if r != nil {
			all = append(all, *r)
		}
		if err != nil || ctx.Err() != nil {
			return all, err
		}
	}
	return all, nil
}

// Explore opens a program, explores its pairs of operations as x says, or plays the schedule of one of them, and closes the program.
// The report holds what there is, with an error too.
func Explore(ctx context.Context, s *spec.Spec, opt Options, x program.Explorer, order []int, tell Telling) (r *program.Report, err error) {
	begun := time.Now()
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
		File: s.File, App: s.App, Server: about.Product + " " + about.Version, Throwaway: about.Throwaway, Level: p.Level(), Clients: p.options.Clients,
	}
	if err := tell.Head(r); err != nil {
		return r, err
	}
	x.Clients, x.Start, x.Ignore, x.Traits = p.options.Clients, p.Start(), s.Ignore, p.Traits()
	x.LostSales, x.StaleReads = s.LostSales, s.StaleReads
	for i := range s.Operations {
		x.Operations = append(x.Operations, s.Operations[i].Name)
	}
	for _, l := range p.lanes {
		x.Lanes = append(x.Lanes, l)
	}
	if order != nil {
		var pair *program.Pair
		if pair, err = x.Replay(ctx, order); err == nil {
			r.Pairs, err = []program.Pair{*pair}, tell.Pair(pair)
		}
	} else {
		r.Pairs, err = x.Run(ctx, tell.Pair)
	}
	r.Seconds = time.Since(begun).Seconds()
	return r, p.explain(err)
}

// explain adds what only the proxies know to an error.
func (p *Program) explain(err error) error {
	if errors.Is(err, program.ErrSilent) {
		err = fmt.Errorf("%w; it was given %s, and what env: names", err, VariableNames)
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
