package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
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
	Faults    []program.FaultKind // each strikes in rounds, or during a load, of its own; empty: none
	Only      []string            // operations; none: all
	MinTrials int                 // rounds in which transactions met that a safe case needs
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

// Planned is the report of a load before anything was started: what is known of it then.
func Planned(s *spec.Spec, how *Load) *rounds.Report {
	r := &rounds.Report{
		File: s.File, App: s.What(), Programless: s.Programless(), Clients: usualClients, Only: how.Only, Duration: how.Duration.Seconds(),
		Rate: how.Rate, Uniform: how.Uniform && how.Rate > 0, Seed: how.Seed, Faults: how.Faults,
	}
	if len(how.Clients) > 0 {
		r.Clients = slices.Max(how.Clients)
	}
	if !r.Programless {
		r.Instances = min(s.Instances, r.Clients)
	}
	if how.Duration > 0 {
		r.Mix = mixOf(s, how.Only)
	}
	return r
}

// mixOf are the operations of a load, each with its weight.
func mixOf(s *spec.Spec, only []string) string {
	var mix []string
	weights := s.Weights()
	for i, name := range s.Names() {
		if len(only) == 0 || slices.Contains(only, name) {
			mix = append(mix, fmt.Sprintf("%s %d", name, weights[i]))
		}
	}
	return strings.Join(mix, ", ")
}

// underLoad opens a program, puts it under load, and closes it.
func underLoad(ctx context.Context, s *spec.Spec, opt Options, how Load, tell LoadTelling) (r *rounds.Report, err error) {
	begun := time.Now()
	opt.Clients = slices.Max(how.Clients)
	opt.Copies, opt.Whole, opt.Durable = min(s.Instances, opt.Clients), true, slices.Contains(how.Faults, program.KillServer)
	opt.Unwatched = how.Duration == 0 && len(how.Faults) == 0
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
	for _, f := range how.Faults {
		if why := p.lanes[0].Cannot(f); why != "" {
			return nil, fmt.Errorf("--fault %s: %s", f, why)
		}
	}
	about := p.About()
	r = Planned(s, &how)
	r.Unwired, r.Server, r.Engine, r.Throwaway = p.engine.Unwired, about.Product+" "+about.Version, p.engine.Name, about.Throwaway
	r.Level, r.Asked, r.Rights = p.Level(), opt.Level != "", about.Rights
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
		Faults: how.Faults, Seed: how.Seed, Identified: p.Identified,
		Unwired: p.engine.Unwired,
		Lane:    p.lanes[0], Operations: p.Names(), Weights: p.Weights(), Only: how.Only, Clients: r.Clients, Copies: len(p.lanes[0].copies), Start: p.Start(), Ignore: p.Ignore,
		Rules:    len(p.Invariants) > 0 || p.Effects != "",
		Progress: p.options.Progress,
		Words:    p.Words, LostSales: p.LostSales, StaleReads: p.StaleReads, MinTrials: how.MinTrials, Limit: how.Limit,
		Control: func(ctx context.Context) (rounds.Control, error) { return p.control(ctx, r.Clients) },
	}
	return x.Run(ctx, r, func(c *rounds.Case) error { return tell.Case(r, c) })
}

// controlRounds are tried, and so many that break are enough. Where none breaks, there are more for a while: on a busy machine clients take
// turns.
const (
	controlRounds, controlBreaks = 100, 5
	controlTries                 = 5 * time.Second
)

// control has lastseat's own naive buy break on the same server, with as many clients.
func (p *Program) control(ctx context.Context, clients int) (sum rounds.Control, err error) {
	db, err := p.server.Create(ctx, newName())
	if err != nil {
		return sum, err
	}
	c, err := load.NewControl(ctx, db, clients)
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	began := time.Now()
	for err == nil && sum.Broke < controlBreaks && (sum.Rounds < controlRounds || sum.Broke == 0 && time.Since(began) < controlTries) {
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
