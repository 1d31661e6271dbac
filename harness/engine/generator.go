package engine

import (
	"context"
	"runtime"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Generator is what a row cost lastseat itself: where that is most of it, the row's figures are lastseat's and not the
// target's.
type Generator struct {
	// CPU is the share (0 to 1) of the machine's CPU time that this process used while clients ran. A target in this process
	// is part of it. 0: not known here.
	CPU float64
	// Alone is how many operations a second the row's workload makes against a target that does nothing. Measured for targets
	// in this process only; 0: not measured.
	Alone float64
}

// Where lastseat counts as a row's limit.
const (
	limitCPU   = 0.8 // the share of the CPU time it used, the target being elsewhere
	limitAlone = 0.5 // its share of what an operation cost, the target being in this process
)

// Share is lastseat's own part of what the row took, 0 to 1: of an operation's cost where the target is in this process, else of
// the machine's CPU time. 0: not known.
func (r *Report) Share() float64 {
	if r.Generator.Alone > 0 {
		return min(r.speed()/r.Generator.Alone, 1)
	}
	return r.Generator.CPU
}

// GeneratorLimited reports whether lastseat, and not the target, was the row's limit, as far as that can be told.
func (r *Report) GeneratorLimited() bool {
	if r.Generator.Alone > 0 {
		return r.Share() > limitAlone
	}
	return r.Generator.CPU >= limitCPU
}

// speed is operations a second, whatever their outcome.
func (r *Report) speed() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Accounting.Processed()) / r.Elapsed.Seconds()
}

const (
	calibrations   = 3      // the best counts: the others met the garbage collector, or a busy machine
	calibrationOps = 10_000 // a few milliseconds
)

// calibrate measures what the row's workload costs without a target, if the row's target is in this process.
func (g *Generator) calibrate(ctx context.Context, rep *Report) {
	if p, ok := rep.Target.(store.InProcess); !ok || !p.InProcess() {
		return
	}
	cfg := Config{
		Concurrency: min(rep.Clients, runtime.GOMAXPROCS(0)), Ops: calibrationOps, MaxTries: 1, MinTrials: 1,
		Seed: rep.History.Seed, Counts: rep.History.Counts,
	}
	for range calibrations {
		alone, err := Run(ctx, Row{Label: rep.Label, Workload: unchecked{rep.Workload}, Target: nothing{}}, cfg)
		if err != nil {
			return // the row was interrupted, or has a workload that cannot go on like this: not measured
		}
		g.Alone = max(g.Alone, alone.speed())
	}
}

// unchecked is a workload without its invariants: nothing holds where nothing happens.
type unchecked struct{ harness.Workload }

func (unchecked) Checks() []harness.Checker { return nil }

// nothing is a target that says ok and does nothing.
type nothing struct{}

func (nothing) Setup(context.Context, harness.State) error { return nil }
func (nothing) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	return nothing{}, nil
}
func (nothing) Snapshot(context.Context) (harness.State, error) { return harness.State{}, nil }
func (nothing) Do(context.Context, *harness.Op) harness.Result {
	return harness.Result{Outcome: harness.OK}
}
func (nothing) Close() error { return nil }

// cpuMeter adds up the CPU time that this process used over rounds.
type cpuMeter struct{ used, passed time.Duration }

// start begins a round; its result ends it.
func (m *cpuMeter) start() (end func()) {
	from, used := time.Now(), cpuTime()
	return func() {
		m.used += cpuTime() - used
		m.passed += time.Since(from)
	}
}

// share is what part of the machine's CPU time was used.
func (m *cpuMeter) share() float64 {
	if m.passed <= 0 {
		return 0
	}
	return min(float64(m.used)/(float64(m.passed)*float64(runtime.NumCPU())), 1)
}
