package app

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/progress"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/targets/app/load"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// sustained puts the program under a load that goes on, with each number of clients in turn.
func (p *Program) sustained(ctx context.Context, r *rounds.Report, how Load, tell LoadTelling) error {
	l := p.lanes[0]
	weights := p.Weights()
	for i, name := range p.Names() {
		if len(how.Only) > 0 && !slices.Contains(how.Only, name) {
			weights[i] = 0
		}
	}
	least, err := l.least(ctx, weights)
	if err != nil {
		return err
	}
	faults := how.faults()
	for _, fault := range faults {
		for _, clients := range how.Clients {
			number, steps := len(r.Steps)+1, len(faults)*len(how.Clients)
			step, err := l.sustain(ctx, load.Config{
				Clients: clients, Duration: how.Duration, Rate: how.Rate, Uniform: how.Uniform, Weights: weights, Seed: how.Seed,
				Progress: func(answered int64, elapsed time.Duration) {
					p.options.Progress.Say(progress.Case{
						Name: (&rounds.Step{Clients: clients, Fault: fault}).Name(), Number: number, Cases: steps, Steps: "operations", Done: answered,
						Share: progress.Of(int64(elapsed), int64(how.Duration)),
					})
				},
			}, fault, least)
			if err != nil {
				return err
			}
			r.Steps = append(r.Steps, *step)
			if err := tell.Step(r, step); err != nil || ctx.Err() != nil {
				return err
			}
		}
	}
	return nil
}

// faults are those that strike, each during a load of its own; at least the one that is none.
func (how *Load) faults() []program.FaultKind {
	if len(how.Faults) == 0 {
		return []program.FaultKind{""}
	}
	return how.Faults
}

// least is how many transactions each operation takes alone.
func (l *Lane) least(ctx context.Context, weights []int) ([]int64, error) {
	least := make([]int64, len(weights))
	for i := range weights {
		if weights[i] == 0 {
			continue
		}
		name := l.program.Operations[i].Name
		l.Cast(slices.Repeat([]string{name}, len(l.copies)))
		for c := range l.copies {
			meter := load.NewMeter(nil, l.program.engine.Conflict)
			l.meter.Store(meter)
			o, err := l.Serial(ctx, []int{c})
			l.meter.Store(nil)
			if err != nil {
				return nil, err
			}
			if a := &o.Answers[c]; a.Outcome == harness.Unknown || a.Outcome == harness.Failed {
				return nil, &program.AlwaysFailsError{Operation: name, Answer: a.Text}
			}
			n := meter.Sum()
			if n.Statements == 0 {
				return nil, fmt.Errorf("%s: %w: the program has its data elsewhere, and nothing more was asked of it", name, program.ErrSilent)
			}
			if least[i] == 0 || n.Transactions < least[i] {
				least[i] = n.Transactions
			}
		}
	}
	return least, l.Restore(ctx)
}

// sustain restores the database, and puts the program under load once.
func (l *Lane) sustain(ctx context.Context, cfg load.Config, fault program.FaultKind, least []int64) (*rounds.Step, error) {
	l.Cast(slices.Repeat(l.program.Names()[:1], len(l.copies))) // whom a reset is sent to
	if err := l.Restore(ctx); err != nil {
		return nil, err
	}
	l.store.Touched()
	meter := load.NewMeter(nil, l.program.engine.Conflict)
	l.meter.Store(meter)
	told, after := acknowledged{}, atomic.Int64{} // ok after the fault has struck
	to := &balance{lane: l, down: map[int]bool{}}
	s := l.strikesAgain(ctx, fault, cfg.Seed, to)
	all := make([]spec.Values, cfg.Clients)
	for client := range all {
		all[client] = spec.ClientValues(client)
	}
	result := load.Run(ctx, cfg, func(ctx context.Context, client, operation int, n int64, r *rand.Rand) (harness.Outcome, string) {
		op := &l.program.Operations[operation]
		values := all[client]
		values["id"] = spec.ID(n)
		limited, cancel := context.WithTimeout(ctx, l.program.options.Limit)
		defer cancel()
		fill := func(text string) string { return values.Draw(text, r) }
		if fault == program.Repeat {
			fill = once(fill)
		}
		reply := to.next(limited, n).send(limited, &op.Request, op, fill)
		if fault == program.Repeat {
			reply = to.next(limited, n).repeat(limited, op, fill, reply)
		}
		if s != nil && reply.outcome == harness.OK && s.hasStruck() {
			after.Add(1)
		}
		if l.takesEffect(op) {
			told.note(op, values, reply.outcome)
		}
		if reply.outcome == harness.OK || reply.outcome == harness.Rejected {
			return reply.outcome, ""
		}
		return reply.outcome, reply.String()
	})
	if s != nil {
		if err := s.over(context.WithoutCancel(ctx), l); err != nil {
			return nil, err
		}
	}
	l.quiet(context.WithoutCancel(ctx), true)
	sum := meter.Sum()
	l.meter.Store(nil)
	l.striker.Store(nil)
	step := stepOf(l.program.Names(), cfg, result, sum, least)
	if s == nil {
		for _, in := range l.copies {
			if err := in.alive(nil); err != nil && ctx.Err() == nil {
				return nil, err
			}
		}
		return step, l.judge(context.WithoutCancel(ctx), step, &told)
	}
	step.Fault, step.Struck = fault, s.struck
	if after.Load() == 0 && s.struck > 0 {
		step.Why = "nothing was answered ok any more once it had struck"
	}
	if err := l.judge(context.WithoutCancel(ctx), step, &told); err != nil || ctx.Err() != nil {
		return step, err
	}
	return step, l.Recover(ctx, fault, true)
}

// strikesAgain has a fault of a kind strike again and again during a load; nil: there is none.
func (l *Lane) strikesAgain(ctx context.Context, kind program.FaultKind, seed uint64, to *balance) *striker {
	if kind == "" {
		return nil
	}
	s := newStriker(kind, rand.New(rand.NewPCG(seed, 0))) //nolint:mnd // clients have the numbers from 1 on
	s.again, s.stands = again(kind), standsLoad
	s.kill = func(in *instance) error { return to.kill(context.WithoutCancel(ctx), kind, in) }
	s.next, _ = s.again(s.rand)
	to.striker = s
	l.striker.Store(s)
	return s
}

// stepOf are the figures of a load.
func stepOf(names []string, cfg load.Config, result *load.Result, sum load.Counts, least []int64) *rounds.Step {
	total := float64(max(result.Total(), 1))
	step := &rounds.Step{
		Clients: cfg.Clients, Seconds: result.Elapsed.Seconds(), Rate: cfg.Rate, PerSecond: float64(result.Total()) / result.Elapsed.Seconds(), Late: result.Late,
		Latency: map[string]float64{
			"p50": ms(result.Latency.Quantile(0.5)), "p95": ms(result.Latency.Quantile(0.95)), "p99": ms(result.Latency.Quantile(0.99)), "max": ms(result.Latency.Max()), //nolint:mnd // the usual ones
		},
		Statements: float64(sum.Statements) / total, Transactions: float64(sum.Transactions) / total, RolledBack: sum.RolledBack, ServerErrors: sum.Errors,
		InDatabase: ms(sum.InDatabase) / total, InProgram: max(0, ms(result.Busy)-ms(sum.InDatabase)) / total, Conflicts: map[string]int64{},
	}
	alone := int64(0)
	for i, a := range result.Operations {
		counts := rounds.OperationCounts{
			Name: names[i], OK: a.Outcomes[harness.OK], Rejected: a.Outcomes[harness.Rejected], Failed: a.Outcomes[harness.Failed],
			Unknown: a.Outcomes[harness.Unknown], Example: a.Error,
		}
		alone += least[i] * (counts.OK + counts.Rejected + counts.Failed + counts.Unknown)
		if cfg.Weights[i] > 0 {
			step.Operations = append(step.Operations, counts)
		}
	}
	step.Retries = float64(max(0, sum.Transactions-alone)) / total
	for kind, n := range sum.Conflicts {
		if n > 0 {
			step.Conflicts[harness.Conflict(kind).String()] = n //nolint:gosec // there are few
		}
	}
	return step
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// acknowledged is what clients were told, by the id that they sent.
type acknowledged struct {
	mu  sync.Mutex
	all map[string]*[harness.Outcomes]int
}

// note takes in an answer to an operation that is to take effect.
func (a *acknowledged) note(op *spec.Operation, v spec.Values, outcome harness.Outcome) {
	key := v["client"]
	if op.Uses("{id}") {
		key = v["id"]
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[string]*[harness.Outcomes]int{}
	}
	if a.all[key] == nil {
		a.all[key] = new([harness.Outcomes]int)
	}
	a.all[key][outcome]++
}

// judge judges what is left by the user's rules, where there are any.
func (l *Lane) judge(ctx context.Context, step *rounds.Step, told *acknowledged) error {
	p := l.program
	l.players = l.players[:0]
	rules, err := l.brokenRules(ctx)
	if err != nil {
		return err
	}
	step.Broken = rules
	if p.Effects != "" {
		times, err := l.effective(ctx)
		if err != nil {
			return err
		}
		step.Broken = append(step.Broken, told.compare(times)...)
	}
	step.Judged = len(p.Invariants) > 0 || p.Effects != ""
	var n, refused, errs int64
	for _, o := range step.Operations {
		n, refused, errs = n+o.OK+o.Rejected+o.Failed+o.Unknown, refused+o.Rejected, errs+o.Failed+o.Unknown
	}
	switch {
	case len(step.Broken) > 0:
		step.Verdict = harness.Unsafe
	case step.Why != "":
		step.Verdict = harness.Inconclusive
	case step.Fault != "" && step.Struck == 0:
		step.Verdict, step.Why = harness.Inconclusive, fmt.Sprintf("%s did not strike: the load is too short, or nothing passes at which it could", step.Fault)
	case step.Fault != "" && step.Struck < strikes(step.Fault):
		step.Verdict = harness.Inconclusive
		step.Why = fmt.Sprintf("%s struck %d times, and safe needs %d: a longer -d has more", step.Fault, step.Struck, strikes(step.Fault))
	case n == 0:
		step.Verdict, step.Why = harness.Inconclusive, "no operation was answered"
	case 2*refused > n:
		step.Verdict = harness.Inconclusive
		step.Why = fmt.Sprintf("%d of %d answers are refusals: the stock has run dry, and what is measured is how fast the program refuses; rounds (lastseat run %s, without -d) restore it", refused, n, p.File)
	case !step.Judged:
		step.Verdict, step.Why = harness.Inconclusive, "there is nothing to judge by: the file has neither invariants: nor effects:; rounds (without -d) need neither"
	default:
		step.Verdict = harness.Safe
	}
	return nil
}

// strikes are how often a fault has to strike in a load that is called safe.
func strikes(kind program.FaultKind) int64 {
	const seldom, others = 3, 10
	switch kind {
	case program.KillProgram, program.KillServer, rounds.Partition, rounds.Pause:
		return seldom
	}
	return others
}

// compare says which acknowledged operations did not take effect once, and which took effect that were refused.
func (a *acknowledged) compare(times map[string]int) (broken []string) {
	lost, twice, refused, example := 0, 0, 0, map[string]string{}
	for key, told := range a.all {
		n := times[key]
		switch may := told[harness.OK] + told[harness.Unknown]; {
		case n < told[harness.OK]:
			lost++
			example["lost"] = min(key, cmp.Or(example["lost"], key))
		case n > may && may > 0:
			twice++
			example["twice"] = min(key, cmp.Or(example["twice"], key))
		case n > may:
			refused++
			example["refused"] = min(key, cmp.Or(example["refused"], key))
		}
	}
	for _, c := range []struct {
		n         int
		kind, how string
	}{{lost, "lost", "answered ok more often than they took effect"}, {twice, "twice", "took effect more often than they were answered ok"}, {refused, "refused", "took effect and were refused"}} {
		if c.n > 0 {
			broken = append(broken, fmt.Sprintf("effects: %d ids %s, such as %s", c.n, c.how, example[c.kind]))
		}
	}
	return broken
}
