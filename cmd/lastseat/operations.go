package main

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
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/workloads"
)

// checkOperations says what a schedule of operations names that there is not.
func checkOperations(s *schedule.Schedule) error {
	o := s.Operations
	if o == nil {
		return nil
	}
	if _, err := parseWorkloads([]string{o.Workload}); err != nil {
		return fmt.Errorf("%s: %w", s.File, err)
	}
	if _, err := parseStrategies([]string{o.Strategy}); err != nil {
		return fmt.Errorf("%s: %w", s.File, err)
	}
	sc, err := scenarioOf(o)
	if err != nil {
		return fmt.Errorf("%s: %w", s.File, err)
	}
	clients := len(sc.Ops)
	if len(sc.Holds) > 0 {
		clients++
	}
	if most := slices.Max(o.Order); most >= clients {
		return fmt.Errorf("%s: order: there is no client %d; the scenario has %d, counted from 0", s.File, most, clients)
	}
	return nil
}

// scenarioOf finds the scenario by its name.
func scenarioOf(o *schedule.Operations) (store.Scenario, error) {
	w, err := workloads.New(o.Workload, workloads.Config{})
	if err != nil {
		return store.Scenario{}, err
	}
	staged, ok := w.(store.Staged)
	if !ok {
		return store.Scenario{}, fmt.Errorf("workload %s has no scenarios", o.Workload)
	}
	var names []string
	for _, sc := range staged.Scenarios() {
		if sc.About == o.Scenario {
			return sc, nil
		}
		names = append(names, sc.About)
	}
	return store.Scenario{}, unknownOf("scenario", o.Scenario, names, strings.Join(names, "; "))
}

// playOperations plays a schedule of operations at each level of a place.
func playOperations(ctx context.Context, at place, s *schedule.Schedule) (plays []reports.Play, err error) {
	sc, err := scenarioOf(s.Operations)
	if err != nil {
		return nil, err
	}
	for _, level := range at.levels {
		play := reports.Play{Where: at.target + "@" + string(level)}
		if err := playOperationsAt(ctx, at, s, sc, level, &play); err != nil {
			return plays, err
		}
		plays = append(plays, play)
	}
	return plays, nil
}

func playOperationsAt(ctx context.Context, at place, s *schedule.Schedule, sc store.Scenario, level harness.Level, play *reports.Play) error {
	o, server := s.Operations, at.opened.Server
	if !slices.Contains(server.Levels(), level) {
		play.Skip = fmt.Sprintf("%s offers only %s", at.opened.Info.Product, server.Levels()[0])
		return nil
	}
	offer, err := server.Row(store.RowSpec{Strategy: o.Strategy, Level: level, Start: sc.Workload.Init(), Samples: sc.Ops})
	if play.Skip = offer.Skip; err != nil || offer.Skip != "" {
		return err
	}
	c := explore.Case{
		Label:  harness.Label{Workload: o.Workload, Target: at.target, Strategy: o.Strategy, Isolation: level},
		Target: offer.Target, Scenario: sc, Traits: suite.TraitsAt(server, level), Model: offer.Promise.Model, Limit: at.Limit,
	}
	b, broken, err := c.Replay(ctx, o.Order)
	err = errors.Join(err, offer.Target.Close())
	if errors.Is(err, explore.ErrNoLocks) {
		play.Skip = "the scenario has a bystander that locks rows, and the engine has no row locks"
		return nil
	}
	if err == nil {
		tellOperations(play, at, s, sc, b, broken)
	}
	return err
}

// tellOperations fills in what came of it.
func tellOperations(play *reports.Play, at place, s *schedule.Schedule, sc store.Scenario, b *explore.Broken, broken bool) {
	came, outcome := schedule.Kept, "no rule is broken"
	if broken {
		came, outcome = schedule.Broken, "broken: "+b.Rule.Rule
	}
	play.Shown = reports.ScheduleTranscript(suite.Shown(b, sc))
	play.Shown.Title = fmt.Sprintf("%s with %s on %s (%s)", sc.About, s.Operations.Strategy, play.Where, at.title)
	play.Shown.Outcome = outcome
	var answers []string
	for i := range sc.Ops {
		answers = append(answers, fmt.Sprintf("client %d %s", i, suite.OutcomeOf(&b.Results[i])))
	}
	play.Short = strings.Join(answers, ", ") + "; " + outcome
	if want := s.Operations.Rule; want != "" && want != came {
		play.Unmet = append(play.Unmet, fmt.Sprintf("%s: rule: %s, and it is %s", s.File, want, came))
	}
}
