package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets/app/load"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// Load says what load a program is put under.
type Load struct {
	Clients   []int         // of a burst (one number), or of a sustained load in turn
	Duration  time.Duration // of a sustained load; 0: rounds
	Rate      float64       // as load.Config's
	Uniform   bool
	Seed      uint64
	Only      []string // operations; none: all
	MinTrials int      // rounds in which transactions met that a safe case needs
	Limit     time.Duration
}

// usualClients are those of a burst where nobody says how many.
const usualClients = 8

// check says what does not go together, and fills in what is left open.
func (how *Load) check(s *spec.Spec) error {
	for _, name := range how.Only {
		if !slices.Contains(s.Names(), name) {
			return names.Unknown("operation", name, s.Names())
		}
	}
	if len(how.Clients) == 0 {
		how.Clients = []int{usualClients}
	}
	sustained := how.Duration > 0
	switch {
	case slices.Min(how.Clients) < 1:
		return fmt.Errorf("-c is %d, must be at least 1", slices.Min(how.Clients))
	case how.Duration < 0:
		return fmt.Errorf("-d is %v, must not be negative", how.Duration)
	case how.Rate < 0:
		return fmt.Errorf("--rate is %v, must not be negative", how.Rate)
	case !sustained && how.Rate > 0:
		return errors.New("--rate goes with -d: without that there are rounds, each a burst at one moment")
	case !sustained && len(how.Clients) > 1:
		return errors.New("several numbers of clients go with -d: rounds have one, as in -c 8")
	case !sustained && how.Clients[0] < 2:
		return errors.New("-c is 1, and a burst has 2 clients or more: one alone meets nobody")
	case !sustained && how.MinTrials < 1:
		return fmt.Errorf("--min-trials is %d, must be at least 1", how.MinTrials)
	case how.Limit < 0:
		return fmt.Errorf("--budget is %v, must not be negative", how.Limit)
	}
	return nil
}

// LoadTelling is told of a load while it is under way.
type LoadTelling struct {
	Head func(*rounds.Report) error // the program runs; nothing was measured yet
	Case func(*rounds.Report, *rounds.Case) error
	Step func(*rounds.Report, *rounds.Step) error
	End  func(*rounds.Report) error // all is there that there will be
}

// LoadLevels puts a program under load at each level, one after the other; at the program's own, if there are none. The reports hold what
// there is, with an error or an interrupt too.
func LoadLevels(ctx context.Context, s *spec.Spec, opt Options, levels []harness.Level, how Load, tell LoadTelling) (all []rounds.Report, err error) {
	if err := how.check(s); err != nil {
		return nil, err
	}
	return eachLevel(ctx, s, opt, levels, func(opt Options) (*rounds.Report, error) { return underLoad(ctx, s, opt, how, tell) })
}

// underLoad opens a program, puts it under load, and closes it.
func underLoad(ctx context.Context, s *spec.Spec, opt Options, how Load, tell LoadTelling) (r *rounds.Report, err error) {
	begun := time.Now()
	for _, c := range how.Clients {
		opt.Clients = max(opt.Clients, c)
	}
	opt.Copies, opt.Whole = min(s.Instances, opt.Clients), true
	p, err := Open(ctx, s, opt)
	defer func() {
		if ctx.Err() != nil {
			err = nil // what was interrupted says that it was
		}
		err = errors.Join(err, p.Close(ctx))
	}()
	if err != nil {
		return nil, err
	}
	about := p.About()
	r = &rounds.Report{
		File: s.File, App: cmp.Or(s.App, s.Attach), Server: about.Product + " " + about.Version, Engine: p.engine.Name, Throwaway: about.Throwaway,
		Level: p.Level(), Asked: opt.Level != "", Clients: opt.Clients, Instances: opt.Copies, Seed: how.Seed, Rights: about.Rights,
	}
	if err := tell.Head(r); err != nil {
		return r, err
	}
	if how.Duration > 0 {
		err = p.sustained(ctx, r, how, tell)
	} else {
		err = p.rounds(ctx, r, how, tell)
	}
	r.Seconds = time.Since(begun).Seconds()
	return r, errors.Join(p.explain(err), tell.End(r))
}

// rounds runs rounds of bursts.
func (p *Program) rounds(ctx context.Context, r *rounds.Report, how Load, tell LoadTelling) error {
	x := rounds.Runner{
		Lane: p.lanes[0], Operations: p.Names(), Weights: p.Weights(), Only: how.Only, Clients: r.Clients, Copies: r.Instances, Start: p.Start(), Ignore: p.Ignore,
		Words: p.Words, LostSales: p.LostSales, StaleReads: p.StaleReads, MinTrials: how.MinTrials, Limit: how.Limit,
		Control: func(ctx context.Context) (rounds.Control, error) { return p.control(ctx, r.Clients) },
	}
	return x.Run(ctx, r, func(c *rounds.Case) error { return tell.Case(r, c) })
}

// controlRounds are tried, and so many that break are enough.
const controlRounds, controlBreaks = 100, 5

// control has lastseat's own naive buy break on the same server, with as many clients.
func (p *Program) control(ctx context.Context, clients int) (sum rounds.Control, err error) {
	db, err := p.server.Create(ctx, newName())
	if err != nil {
		return sum, err
	}
	c, err := load.NewControl(ctx, db, clients)
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	for err == nil && sum.Rounds < controlRounds && sum.Broke < controlBreaks {
		var broke bool
		if broke, err = c.Round(ctx); err == nil {
			sum.Rounds++
		}
		if broke {
			sum.Broke++
		}
	}
	return sum, err
}
