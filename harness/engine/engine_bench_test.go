package engine_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// mute is a workload whose one operation writes so many cells.
type mute struct{ steps []harness.Step }

func newMute(writes int) mute {
	var m mute
	for c := range harness.Cell(writes) {
		m.steps = append(m.steps, harness.Step{Kind: harness.Add, Cell: c, Delta: 1})
	}
	return m
}

func (m mute) Name() string { return "mute" }
func (m mute) Init() harness.State {
	return harness.NewState(harness.Group{Table: "counter", Column: "value", Len: len(m.steps)}, "entry", 0)
}
func (m mute) Checks() []harness.Checker                 { return nil }
func (m mute) Samples() []harness.Op                     { return []harness.Op{{Name: "add", Steps: m.steps}} }
func (m mute) Client(_ int, _ *rand.Rand) harness.Client { return &muteClient{m: m} }

type muteClient struct {
	m  mute
	op harness.Op
}

func (c *muteClient) Next(harness.Answer) *harness.Op {
	c.op = harness.Op{Name: "add", Steps: c.m.steps}
	return &c.op
}

// noop is a target whose sessions acknowledge at once, and say what they saw, as a target does.
type noop struct {
	script
	m mute
}

func (n *noop) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	s := &noopSession{}
	for _, step := range n.m.steps {
		s.seen = append(s.seen, harness.Access{Cell: step.Cell, Kind: harness.Writes, Delta: 1})
	}
	return s, nil
}
func (n *noop) Snapshot(context.Context) (harness.State, error) { return n.m.Init(), nil }

type noopSession struct{ seen []harness.Access }

func (s *noopSession) Do(context.Context, *harness.Op) harness.Result {
	return harness.Result{Outcome: harness.OK, Seen: s.seen}
}
func (s *noopSession) Close() error { return nil }

// BenchmarkEngine is what an operation costs in the engine alone, with full recording, against a target that does nothing:
// loop-ns/op while clients work (ns/op adds set-up and judging), and kept-B/op of memory that holds the history afterwards, all of which
// is on disk where the name says so.
func BenchmarkEngine(b *testing.B) {
	for _, way := range []struct {
		name   string
		writes int
		spool  int64
	}{{"buy", 1, 0}, {"transfer", 2, 0}, {"buy on disk", 1, 1}, {"transfer on disk", 2, 1}} {
		b.Run(way.name, func(b *testing.B) {
			m := newMute(way.writes)
			cfg := engine.DefaultConfig()
			cfg.Concurrency, cfg.Ops, cfg.Timeout, cfg.SpoolAfter = 1, int64(b.N), 0, way.spool
			b.ReportAllocs()
			before := heap()
			rep, err := engine.Run(b.Context(), engine.Row{Workload: m, Target: &noop{m: m}}, cfg)
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(float64(rep.Elapsed.Nanoseconds())/float64(b.N), "loop-ns/op")
			b.ReportMetric(float64(heap()-before)/float64(b.N), "kept-B/op")
			if err := rep.History.Spool.Close(); err != nil {
				b.Fatal(err)
			}
			runtime.KeepAlive(rep)
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
