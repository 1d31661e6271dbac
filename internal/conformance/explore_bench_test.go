package conformance

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/workloads"
)

// BenchmarkExplore runs all schedules of two buyers who each send four statements, again and again: what is reported is schedules
// a second, of as many lanes as the command plays, and how many times as long one takes as the same operations one after the other on the connections of
// one lane (bare).
func BenchmarkExplore(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // as the command has it
	for _, c := range []struct{ target, strategy string }{
		{"memory", "naive"}, {"sqlite", "naive-tx"}, {"postgres", "naive-tx"}, {"mysql", "naive-tx"}, {"mariadb", "naive-tx"},
	} {
		b.Run(c.target, func(b *testing.B) {
			cfg := store.OpenConfig{Connections: clients, Volatile: true, Socket: true, PipeBegin: true}
			o := openWith(b, c.target, cfg)
			level := o.Info.DefaultLevel
			if !o.Spec.Engine.Embedded {
				level = harness.ReadCommitted
			}
			if err := o.OpenLanes(b.Context(), 0, cfg); err != nil {
				b.Fatal(err)
			}
			w, err := workloads.New("seats", workloads.Config{})
			if err != nil {
				b.Fatal(err)
			}
			sc := w.(store.Staged).Scenarios()[0]
			var targets []harness.Target
			for _, server := range o.All() {
				offer, err := server.Row(store.RowSpec{Strategy: c.strategy, Level: level, Start: sc.Workload.Init(), Samples: sc.Ops})
				if err != nil || offer.Skip != "" {
					b.Fatal(err, offer.Skip)
				}
				targets = append(targets, offer.Target)
			}
			ec := explore.Case{Targets: targets, Scenario: sc, Traits: suite.TraitsAt(o.Server, level), Full: true}
			run := 0
			var explored time.Duration
			for b.Loop() {
				rep, err := ec.Run(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				run, explored = run+rep.Run, explored+rep.Elapsed
			}
			each := explored.Seconds() / float64(run)
			b.ReportMetric(1/each, "schedules/s")
			b.ReportMetric(each/bare(b, targets[0], sc, 200), "x-bare")
			for _, t := range targets {
				if err := t.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// bare is how many seconds the scenario's operations take one after the other, each from the start, and to read and restore the state once:
// the same statements as in a schedule in which none waits.
func bare(b *testing.B, target harness.Target, sc store.Scenario, n int) float64 {
	b.Helper()
	stepped := target.(store.Stepped)
	var sessions []harness.Session
	quiet := func(context.Context, harness.Action) error { return nil }
	for range sc.Ops {
		s, err := stepped.StepSession(b.Context(), quiet)
		if err != nil {
			b.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	var took time.Duration
	for range n {
		for i := range sc.Ops {
			op := sc.Ops[i]
			op.ID = harness.OpID(int32(i), 1)
			from := time.Now()
			if res := sessions[i].Do(b.Context(), &op); res.Outcome != harness.OK {
				b.Fatal(res.Outcome, res.Err)
			}
			took += time.Since(from)
			from = time.Now()
			if _, err := stepped.Reap(b.Context()); err != nil {
				b.Fatal(err)
			}
			if i == 0 {
				took += time.Since(from)
			}
		}
	}
	for _, s := range sessions {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return took.Seconds() / float64(n)
}
