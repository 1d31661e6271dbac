package suite

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
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// Explorer runs all schedules of the scenarios of rows.
type Explorer struct {
	Config       Config // its targets, workloads, strategies and levels
	Clients      int    // of the scenarios; 0: as many as each has
	Schedules    int    // the most of a scenario; where there are more, some are drawn at random
	Seed         uint64 // of the draws
	Full         bool   // equivalent schedules too
	LockTimeouts bool   // let each statement that waits run into its lock time-out once
	First        bool   // stop a row at its first schedule that breaks
	// Save keeps the simplest schedule that breaks a row, and answers the files; nil: it is not kept.
	Save     func(row *Row, target harness.Target, sc store.Scenario, b *explore.Broken) ([]string, error)
	Progress progress.Func // nil: nobody is told how far it is

	number, rows int // the row under way, of how many of the servers
}

// DefaultSchedules is the most schedules of a scenario that are run if nobody asks for another number.
const DefaultSchedules = 2000

// ExploreConnections is how many connections a scenario needs at most, its bystander included.
const ExploreConnections = 4

// Rows are a server's rows. Those that cannot be are among them only where their strategy was asked for by name.
func (x *Explorer) Rows(ctx context.Context, s *Opened) ([]*Row, error) {
	var all []*Row
	for i := range x.Config.Workloads {
		p := &planner{cfg: &x.Config, workload: &x.Config.Workloads[i], server: s}
		w, err := p.workload.New(0, 0)
		if err != nil {
			return nil, err
		}
		strategies, _, err := p.strategies()
		if err != nil {
			return nil, err
		}
		for _, strategy := range strategies {
			for _, level := range s.Levels(x.Config.Levels, x.Config.AllLevels) {
				row, err := p.row(ctx, w, strategy, level, Environment{})
				if err != nil {
					return nil, err
				}
				if row.Skip == "" || x.Config.Strategies != nil {
					all = append(all, row)
				}
			}
		}
	}
	return all, nil
}

// Row explores one row: scenario after scenario. An error ends the row, and what was explored until then is answered beside it.
func (x *Explorer) Row(ctx context.Context, r *Row) (*Explored, error) {
	e := &Explored{Label: r.Label, Server: r.Server, Seed: x.Seed, Exhaustive: true, OneAtATime: r.plan.server.Info.OneAtATime}
	if r.Skip != "" {
		e.Verdict, e.Skip = harness.Skipped, r.Skip
		return e, nil
	}
	e.Promise, e.Why = "unsafe", r.Expected.Reason
	if r.Expected.Safe {
		e.Promise = "safe"
	}
	staged, ok := r.plan.workload.(store.Staged)
	if !ok {
		e.Verdict, e.Skip = harness.Skipped, "the workload has no scenarios"
		return e, nil
	}
	scenarios := scenariosFor(staged.Scenarios(), r.Expected.Missing)
	for i, sc := range scenarios {
		if x.Clients > 0 && len(sc.Ops) != x.Clients || x.First && e.Shortest != nil {
			continue
		}
		if err := x.scenario(ctx, r, sc, e, x.watch(r, e, i, len(scenarios))); err != nil {
			e.stopped(r.Expected.Safe, err)
			return e, err
		}
	}
	e.judge(r.Expected.Safe)
	return e, nil
}

// Explain looks for the smallest schedule that shows each surprise of a row that should have held.
func (x *Explorer) Explain(ctx context.Context, res *Result) error {
	for i := range res.Rows {
		row := &res.Rows[i]
		if !row.Surprise() || ctx.Err() != nil {
			continue
		}
		e, err := x.explain(ctx, *row)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("explain %s: %w", row.Label, err)
		}
		if e.Skip == "" {
			row.Explored = e
		}
	}
	return nil
}

// explain explores a row. Where its clients were in other processes, its server has no connection for any here: the same one is opened anew,
// as a run of its own.
func (x *Explorer) explain(ctx context.Context, row Row) (e *Explored, err error) {
	if shared, ok := row.plan.server.Server.(store.Attachable); ok && len(row.Report.Workers) > 0 {
		dsn, _ := shared.Attachment()
		s, err := row.plan.server.Spec.Engine.Open(ctx, store.OpenConfig{DSN: dsn, Connections: ExploreConnections})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		row.plan.server = NewOpened(row.plan.server.Spec, s)
	}
	return x.Row(ctx, &row)
}

// watch tells how far a row is, by the schedules of one of its scenarios.
func (x *Explorer) watch(r *Row, e *Explored, scenario, scenarios int) func(explore.Found) {
	run, broke := e.Run, e.Breaking
	return func(f explore.Found) {
		x.Progress.Say(progress.Case{
			Name: r.Label.Workload + " on " + r.Label.String(), Number: x.number, Cases: x.rows, Steps: "schedules", Done: int64(run + f.Run), Broken: int64(broke + f.Breaking),
			Share: (float64(scenario) + progress.Of(int64(f.Run), int64(x.Schedules))) / float64(scenarios),
		})
	}
}

// scenariosFor puts those first that are made to show what the row lets through.
func scenariosFor(all []store.Scenario, missing promise.Hazards) []store.Scenario {
	slices.SortStableFunc(all, func(a, b store.Scenario) int {
		return cmp.Compare(fits(b, missing), fits(a, missing))
	})
	return all
}

func fits(sc store.Scenario, missing promise.Hazards) int {
	if sc.Shows&missing != 0 {
		return 1
	}
	return 0
}

// targets are a scenario's, on the server and its twins; nil: the strategy has no way of doing just these operations.
func (x *Explorer) targets(opened *Opened, r *Row, sc store.Scenario) (all []harness.Target, err error) {
	for _, server := range opened.All() {
		offer, err := server.Row(store.RowSpec{
			Strategy: r.Label.Strategy, Level: r.Label.Isolation, Start: sc.Workload.Init(), Samples: sc.Ops,
		})
		if err != nil || offer.Skip != "" {
			return nil, err
		}
		all = append(all, offer.Target)
	}
	return all, nil
}

// scenario explores one scenario of a row.
func (x *Explorer) scenario(ctx context.Context, r *Row, sc store.Scenario, e *Explored, ran func(explore.Found)) error {
	need := len(sc.Ops)
	if len(sc.Holds) > 0 {
		need++
	}
	opened := r.plan.server
	if has := opened.Info.Connections; has > 0 && has < need {
		return nil
	}
	targets, err := x.targets(opened, r, sc)
	if err != nil || targets == nil {
		return err
	}
	c := explore.Case{
		Label: r.Label, Targets: targets, Scenario: sc, Traits: TraitsAt(opened.Server, r.Label.Isolation),
		Model: r.Expected.Model, Budget: x.Schedules, Seed: x.Seed, Full: x.Full, Stop: x.First, Ran: ran, LockTimeouts: x.LockTimeouts && opened.Spec.Engine.LockTimeout.Code != "",
	}
	rep, err := c.Run(ctx)
	for _, t := range targets {
		err = errors.Join(err, t.Close())
	}
	if errors.Is(err, explore.ErrNoLocks) {
		return nil
	}
	if err != nil {
		return err
	}
	one := ExploredScenario{
		About: sc.About, Clients: len(sc.Ops), Run: rep.Run, Breaking: rep.Breaking, Exhaustive: rep.Exhaustive, Drawn: rep.Drawn,
		Unsteady: rep.Unsteady, LockTimeouts: rep.Expired, Seconds: rep.Elapsed.Seconds(),
	}
	if rep.Exhaustive {
		one.Schedules = rep.Run
	}
	e.Scenarios = append(e.Scenarios, one)
	e.Run, e.Breaking, e.Drawn, e.Seconds = e.Run+rep.Run, e.Breaking+rep.Breaking, e.Drawn+rep.Drawn, e.Seconds+rep.Elapsed.Seconds()
	e.Unsteady += rep.Unsteady
	e.LockTimeouts += rep.Expired
	e.Exhaustive = e.Exhaustive && rep.Exhaustive
	b := rep.Broken
	if b == nil || e.Shortest != nil && e.Shortest.Preemptions <= b.Preemptions {
		return nil
	}
	e.Scenario, e.Shortest, e.Rule, e.Found = sc.About, Shown(b, sc), b.Rule.Rule, b.Texts
	e.Anomaly, e.Meaning = named(ctx, b.History, r.Expected)
	e.Mends, err = mends(r)
	if err != nil {
		return err
	}
	if x.Save != nil {
		e.Saved, err = x.Save(r, targets[0], sc, b)
	}
	return err
}

// judge sets what all scenarios together say of a row that was or was not promised to be safe.
func (e *Explored) judge(safe bool) {
	if e.Exhaustive {
		e.Schedules = e.Run
	}
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

// stopped sets what is known of a row that an error ended: what broke, broke.
func (e *Explored) stopped(safe bool, err error) {
	e.Error, e.Exhaustive, e.Verdict = err.Error(), false, harness.Inconclusive
	if e.Breaking > 0 {
		e.Verdict, e.AsExpected = harness.Unsafe, !safe
	}
}

// TraitsAt are the traits of a server's level.
func TraitsAt(s store.Server, level harness.Level) explore.Traits {
	if l, ok := s.(store.Isolating); ok {
		iso, _ := l.Isolation(level)
		return explore.TraitsOf(iso)
	}
	return explore.Traits{} // no snapshots, nobody watches
}

// Shown is a broken schedule as the report has it.
func Shown(b *explore.Broken, sc store.Scenario) *ExploredSchedule {
	s := &ExploredSchedule{Preemptions: b.Preemptions}
	for i := range b.Results {
		if i == len(sc.Ops) {
			s.Clients = append(s.Clients, fmt.Sprintf("client %d: a lock, for a moment", i))
			continue
		}
		s.Clients = append(s.Clients, fmt.Sprintf("client %d: %s, answered %s", i, sc.Ops[i].Name, OutcomeOf(&b.Results[i])))
	}
	for i := range b.Turns {
		t := &b.Turns[i]
		step := ExploredStep{Turn: i + 1, Client: t.Client, Text: t.Text(), WaitsUntil: t.BlockedUntil}
		step.Answer, step.Error = t.Answer()
		s.Steps = append(s.Steps, step)
	}
	return s
}

// OutcomeOf is how an operation ended, in a word.
func OutcomeOf(res *harness.Result) string {
	if res.Outcome == harness.Failed && res.Conflict != harness.NoConflict {
		return res.Conflict.String()
	}
	return res.Outcome.String()
}

// named is what the graph of reads and writes calls the anomaly; where it sees none, what the level was said to let through.
func named(ctx context.Context, h *harness.History, promise *promise.Promise) (name, plain string) {
	var r *anomaly.Result
	var err error
	if content, _ := h.Start.Content(); content == harness.Numbers {
		r, err = anomaly.JudgeCells(h, "")
	} else if t, terr := history.TransactionsOf(h); terr == nil {
		r, err = anomaly.JudgeChains(ctx, t, h.Model)
	}
	if err == nil && r != nil && r.Verdict == harness.Unsafe && len(r.Anomalies) > 0 {
		name = r.Anomalies[0]
		if slices.Contains(r.Anomalies, "lost-update") {
			name = "lost-update" // of several names the one that everybody knows
		}
		return name, anomaly.Meaning(name)
	}
	if missing := promise.Missing.List(); len(missing) > 0 {
		return missing[0].String(), missing[0].Meaning()
	}
	return "", ""
}

// mends are what prevents it: other strategies at this level, and other levels for this strategy.
func mends(r *Row) ([]string, error) {
	safe := func(strategy string, level harness.Level) (bool, error) {
		o, err := r.plan.server.Server.Row(store.RowSpec{
			Strategy: strategy, Level: level, Start: r.plan.workload.Init(), Samples: r.plan.workload.Samples(),
		})
		return err == nil && o.Skip == "" && o.Promise.Safe, err
	}
	var strategies, levels []string
	for _, i := range r.plan.server.Spec.Engine.Strategies {
		ok, err := safe(i.Name, r.Label.Isolation)
		if err != nil {
			return nil, err
		}
		if ok {
			strategies = append(strategies, i.Name)
		}
	}
	for _, l := range r.plan.server.Server.Levels() {
		ok, err := safe(r.Label.Strategy, l)
		if err != nil {
			return nil, err
		}
		if ok {
			levels = append(levels, string(l))
		}
	}
	var all []string
	if len(strategies) > 0 {
		at := " at " + string(r.Label.Isolation)
		if r.Label.Isolation == harness.NoLevel {
			at = ""
		}
		all = append(all, "another strategy"+at+": "+strings.Join(strategies, ", "))
	}
	if len(levels) > 0 {
		all = append(all, "another level for "+r.Label.Strategy+": "+strings.Join(levels, ", "))
	}
	if missing := r.Expected.Missing.List(); len(missing) > 0 {
		all = append(all, missing[0].Advice())
	}
	return all, nil
}
