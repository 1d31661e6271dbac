package isolation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
)

// Check says what a schedule names that there is not.
func (c *Config) Check(s *schedule.Schedule) error {
	var products []string
	for i := range c.Engines {
		if c.Engines[i].SQL && c.Engines[i].Cluster == "" {
			products = append(products, c.Engines[i].Name)
		}
	}
	if err := s.CheckProducts(products); err != nil || s.Operations == nil {
		return err
	}
	if err := c.checkOperations(s.Operations); err != nil {
		return fmt.Errorf("%s: %w", s.File, err)
	}
	return nil
}

func (c *Config) checkOperations(o *schedule.Operations) error {
	if !slices.ContainsFunc(c.Engines, func(e store.Engine) bool { return hasStrategy(&e, o.Strategy) }) {
		var known []string
		for i := range c.Engines {
			for _, s := range c.Engines[i].Strategies {
				if !slices.Contains(known, s.Name) {
					known = append(known, s.Name)
				}
			}
		}
		return names.Unknown("strategy", o.Strategy, known)
	}
	sc, err := c.scenario(o)
	if err != nil {
		return err
	}
	clients := len(sc.Ops)
	if len(sc.Holds) > 0 {
		clients++
	}
	if most := slices.Max(o.Order); most >= clients {
		return fmt.Errorf("order: names client %d, and the scenario has clients 0 to %d", most, clients-1)
	}
	return nil
}

func hasStrategy(e *store.Engine, name string) bool {
	return slices.ContainsFunc(e.Strategies, func(s store.StrategyInfo) bool { return s.Name == name })
}

// scenario finds the scenario by the names of its workload and its own.
func (c *Config) scenario(o *schedule.Operations) (store.Scenario, error) {
	var known []string
	for i := range c.Workloads {
		known = append(known, c.Workloads[i].Name)
	}
	i := slices.Index(known, o.Workload)
	if i < 0 {
		return store.Scenario{}, names.Unknown("workload", o.Workload, known)
	}
	w, err := c.Workloads[i].New(0, 0)
	if err != nil {
		return store.Scenario{}, err
	}
	staged, ok := w.(store.Staged)
	if !ok {
		return store.Scenario{}, fmt.Errorf("workload %s has no scenarios", o.Workload)
	}
	var scenarios []string
	for _, sc := range staged.Scenarios() {
		if sc.About == o.Scenario {
			return sc, nil
		}
		scenarios = append(scenarios, sc.About)
	}
	return store.Scenario{}, names.UnknownAmong("scenario", o.Scenario, scenarios, strings.Join(scenarios, "; "))
}

// playOperations plays a schedule of operations at a server's level, and reports whether there is something to show of it.
func (c *Config) playOperations(ctx context.Context, at server, s *schedule.Schedule, p *Play) (played bool, err error) {
	sc, err := c.scenario(s.Operations)
	if err != nil {
		return false, err
	}
	o, opened := s.Operations, at.opened.Server
	if !slices.Contains(opened.Levels(), at.Level) {
		p.Skip = fmt.Sprintf("%s offers only %s", at.opened.Info.Product, opened.Levels()[0])
		return true, nil
	}
	offer, err := opened.Row(store.RowSpec{Strategy: o.Strategy, Level: at.Level, Start: sc.Workload.Init(), Samples: sc.Ops})
	if p.Skip = offer.Skip; err != nil || offer.Skip != "" {
		return err == nil, err
	}
	x := explore.Case{
		Label:   harness.Label{Workload: o.Workload, Target: at.target, Strategy: o.Strategy, Isolation: at.Level},
		Targets: []harness.Target{offer.Target}, Scenario: sc, Traits: suite.TraitsAt(opened, at.Level), Model: offer.Promise.Model, Limit: at.Limit,
	}
	b, broken, err := x.Replay(ctx, o.Order)
	err = errors.Join(err, offer.Target.Close())
	if errors.Is(err, explore.ErrNoLocks) {
		p.Skip = "the scenario has a bystander that locks rows, and the engine has no row locks"
		return true, nil
	}
	if err == nil {
		p.operations(at, s, sc, b, broken)
	}
	return err == nil, err
}

// operations fills in what came of a schedule of operations.
func (p *Play) operations(at server, s *schedule.Schedule, sc store.Scenario, b *explore.Broken, broken bool) {
	came, text := schedule.Kept, "no rule is broken"
	if broken {
		came, text = schedule.Broken, "broken: "+b.Rule.Rule
	}
	p.Transcript = suite.Shown(b, sc).Transcript()
	p.Transcript.Title = fmt.Sprintf("%s with %s on %s (%s)", sc.About, s.Operations.Strategy, p.Where, at.title)
	p.Transcript.Outcome = text
	var answers []string
	for i := range sc.Ops {
		answers = append(answers, fmt.Sprintf("client %d %s", i, suite.OutcomeOf(&b.Results[i])))
	}
	p.Short = strings.Join(answers, ", ") + "; " + text
	if want := s.Operations.Rule; want != "" && want != came {
		p.Unmet = append(p.Unmet, fmt.Sprintf("%s: rule: %s, and it is %s", s.File, want, came))
	}
}
