package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/workloads"
)

// explorer explores rows one after the other.
type explorer struct {
	opt  *exploreOptions
	save *saver
}

// exploration is a row to be explored.
type exploration struct {
	server   *opened
	workload harness.Workload
	label    harness.Label
	offer    harness.Offer
}

// server explores a server's rows, and tells each as soon as it is there; many says whether there are several in all.
func (x *explorer) server(ctx context.Context, s *opened, tell func(e *reports.Explored, many bool) error) ([]reports.Explored, error) {
	planned, err := x.plan(ctx, s)
	if err != nil {
		return nil, err
	}
	var rows []reports.Explored
	for i := range planned {
		e, err := x.row(ctx, &planned[i])
		if err != nil {
			return rows, err
		}
		rows = append(rows, *e)
		if err := tell(e, len(planned) > 1 || len(x.opt.axes.targets) > 1); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// plan is the rows of a server. What there is no such row for is among them only where it was asked for by name.
func (x *explorer) plan(ctx context.Context, s *opened) ([]exploration, error) {
	strategies := x.opt.axes.strategies
	if strategies == nil {
		strategies = s.strategies()
	}
	var all []exploration
	for _, name := range x.opt.axes.workloads {
		w, err := workloads.New(name, x.opt.shape)
		if err != nil {
			return nil, err
		}
		for _, strategy := range strategies {
			for _, level := range levelsFor(&x.opt.axes, s) {
				p, err := planRow(ctx, &options{}, s, w, &planned{label: harness.Label{Workload: w.Name(), Strategy: strategy, Isolation: level}})
				if err != nil {
					return nil, err
				}
				if p.offer.Skip == "" || x.opt.axes.strategies != nil {
					all = append(all, exploration{server: s, workload: w, label: p.label, offer: p.offer})
				}
			}
		}
	}
	return all, nil
}

// row explores one row: scenario after scenario.
func (x *explorer) row(ctx context.Context, r *exploration) (*reports.Explored, error) {
	e := &reports.Explored{
		Label: r.label, Server: r.server.info.String(), Seed: x.opt.seed, Exhaustive: true, OneAtATime: r.server.info.OneAtATime(),
		Promise: "unsafe", Why: r.offer.Promise.Reason,
	}
	if r.offer.Promise.Safe {
		e.Promise = "safe"
	}
	if r.offer.Skip != "" {
		e.Verdict, e.Skip, e.Why, e.Promise = harness.Skipped, r.offer.Skip, "", ""
		return e, nil
	}
	staged, ok := r.workload.(harness.Staged)
	if !ok {
		e.Verdict, e.Skip = harness.Skipped, "the workload has no scenarios"
		return e, nil
	}
	for _, sc := range scenariosFor(staged.Scenarios(), r.offer.Promise.Missing) {
		if x.opt.clients > 0 && len(sc.Ops) != x.opt.clients || x.opt.first && e.Shortest != nil {
			continue
		}
		if err := x.scenario(ctx, r, sc, e); err != nil {
			return e, err
		}
	}
	x.verdict(r, e)
	return e, nil
}

// scenariosFor puts those first that are made to show what the row lets through.
func scenariosFor(all []harness.Scenario, missing harness.Hazards) []harness.Scenario {
	slices.SortStableFunc(all, func(a, b harness.Scenario) int {
		return cmp.Compare(fits(b, missing), fits(a, missing))
	})
	return all
}

func fits(sc harness.Scenario, missing harness.Hazards) int {
	if sc.Shows&missing != 0 {
		return 1
	}
	return 0
}

// scenario explores one scenario of a row.
func (x *explorer) scenario(ctx context.Context, r *exploration, sc harness.Scenario, e *reports.Explored) error {
	offer, err := r.server.server.Row(harness.RowSpec{
		Strategy: r.label.Strategy, Level: r.label.Isolation, Start: sc.Workload.Init(), Samples: sc.Ops,
	})
	if err != nil || offer.Skip != "" {
		return err // the strategy has no way of doing just these operations
	}
	need := len(sc.Ops)
	if len(sc.Holds) > 0 {
		need++
	}
	if has := r.server.info.Connections; has > 0 && has < need {
		return nil
	}
	c := explore.Case{
		Label: r.label, Target: offer.Target, Scenario: sc, Traits: traitsAt(r.server.server, r.label.Isolation),
		Model: r.offer.Promise.Model, Budget: x.opt.budget, Seed: x.opt.seed, Full: x.opt.full, Stop: x.opt.first,
	}
	rep, err := c.Run(ctx)
	err = errors.Join(err, offer.Target.Close())
	if errors.Is(err, explore.ErrNoLocks) {
		return nil
	}
	if err != nil {
		return err
	}
	one := reports.ExploredScenario{
		About: sc.About, Clients: len(sc.Ops), Run: rep.Run, Breaking: rep.Breaking, Exhaustive: rep.Exhaustive, Drawn: rep.Drawn,
		Unsteady: rep.Unsteady, Seconds: rep.Elapsed.Seconds(),
	}
	if rep.Exhaustive {
		one.Schedules = rep.Run
	}
	e.Scenarios = append(e.Scenarios, one)
	e.Run, e.Breaking, e.Drawn, e.Seconds = e.Run+rep.Run, e.Breaking+rep.Breaking, e.Drawn+rep.Drawn, e.Seconds+rep.Elapsed.Seconds()
	e.Unsteady += rep.Unsteady
	e.Exhaustive = e.Exhaustive && rep.Exhaustive
	b := rep.Broken
	if b == nil || e.Shortest != nil && e.Shortest.Preemptions <= b.Preemptions {
		return nil
	}
	e.Scenario, e.Shortest, e.Rule, e.Found = sc.About, shown(b, sc), b.Rule.Rule, b.Texts
	e.Anomaly, e.Plain = named(b.History, &r.offer.Promise)
	e.Mends, err = mends(r)
	if err != nil {
		return err
	}
	e.Saved, err = x.save.schedule(r, offer.Target, &sc, b)
	return err
}

// verdict sets what all scenarios together say.
func (x *explorer) verdict(r *exploration, e *reports.Explored) {
	if e.Exhaustive {
		e.Schedules = e.Run
	}
	safe := r.offer.Promise.Safe
	switch {
	case len(e.Scenarios) == 0:
		e.Verdict, e.Skip = harness.Skipped, "no scenario fits this strategy and --clients"
	case e.Breaking > 0:
		e.Verdict, e.AsExpected = harness.Unsafe, !safe
	case !safe && !e.Exhaustive:
		e.Verdict = harness.Inconclusive
	default:
		e.Verdict, e.AsExpected = harness.Safe, safe
	}
}

// traitsAt are the traits of a server's level.
func traitsAt(s harness.Server, level harness.Level) explore.Traits {
	if l, ok := s.(harness.Isolating); ok {
		iso, _ := l.Isolation(level)
		return explore.TraitsOf(iso)
	}
	return explore.Traits{} // no snapshots, nobody watches
}

// shown is a broken schedule as the report has it.
func shown(b *explore.Broken, sc harness.Scenario) *reports.ExploredSchedule {
	s := &reports.ExploredSchedule{Preemptions: b.Preemptions}
	for i := range b.Results {
		if i == len(sc.Ops) {
			s.Clients = append(s.Clients, fmt.Sprintf("client %d: a lock, for a moment", i))
			continue
		}
		s.Clients = append(s.Clients, fmt.Sprintf("client %d: %s, answered %s", i, sc.Ops[i].Name, outcomeOf(&b.Results[i])))
	}
	for i := range b.Turns {
		t := &b.Turns[i]
		step := reports.ExploredStep{Turn: i + 1, Client: t.Client, Text: t.Text(), WaitsUntil: t.BlockedUntil}
		step.Answer, step.Error = t.Answer()
		s.Steps = append(s.Steps, step)
	}
	return s
}

func outcomeOf(res *harness.Result) string {
	if res.Outcome == harness.Failed && res.Conflict != harness.NoConflict {
		return res.Conflict.String()
	}
	return res.Outcome.String()
}

// named is what the graph of reads and writes calls the anomaly; where it sees none, what the level was said to let through.
func named(h *harness.History, promise *harness.Promise) (name, plain string) {
	var r *anomaly.Result
	var err error
	if content, _ := h.Start.Content(); content == harness.Numbers {
		r, err = anomaly.JudgeCells(h, "")
	} else if t, terr := history.TransactionsOf(h); terr == nil {
		r, err = anomaly.JudgeChains(t, h.Model)
	}
	if err == nil && r != nil && r.Verdict == harness.Unsafe && len(r.Anomalies) > 0 {
		name = r.Anomalies[0]
		if slices.Contains(r.Anomalies, "lost-update") {
			name = "lost-update" // of several names the one that everybody knows
		}
		return name, anomaly.Plain(name)
	}
	if missing := promise.Missing.List(); len(missing) > 0 {
		return missing[0].String(), missing[0].Plain()
	}
	return "", ""
}

// mends are what prevents it: other strategies at this level, and other levels for this strategy.
func mends(r *exploration) ([]string, error) {
	safe := func(strategy string, level harness.Level) (bool, error) {
		o, err := r.server.server.Row(harness.RowSpec{
			Strategy: strategy, Level: level, Start: r.workload.Init(), Samples: r.workload.Samples(),
		})
		return err == nil && o.Skip == "" && o.Promise.Safe, err
	}
	var strategies, levels []string
	for _, i := range r.server.spec.engine.Strategies {
		ok, err := safe(i.Name, r.label.Isolation)
		if err != nil {
			return nil, err
		}
		if ok {
			strategies = append(strategies, i.Name)
		}
	}
	for _, l := range r.server.server.Levels() {
		ok, err := safe(r.label.Strategy, l)
		if err != nil {
			return nil, err
		}
		if ok {
			levels = append(levels, string(l))
		}
	}
	var all []string
	if len(strategies) > 0 {
		at := " at " + string(r.label.Isolation)
		if r.label.Isolation == harness.NoLevel {
			at = ""
		}
		all = append(all, "another strategy"+at+": "+strings.Join(strategies, ", "))
	}
	if len(levels) > 0 {
		all = append(all, "another level for "+r.label.Strategy+": "+strings.Join(levels, ", "))
	}
	if missing := r.offer.Promise.Missing.List(); len(missing) > 0 {
		all = append(all, missing[0].Advice())
	}
	return all, nil
}
