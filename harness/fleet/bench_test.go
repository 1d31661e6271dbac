package fleet_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/fleet"
	"github.com/lastseat/lastseat/harness/spool"
)

// idle is a store that says ok and does nothing, under operations that add 1.
type idle struct{ op harness.Op }

func (*idle) Setup(context.Context, harness.State) error { return nil }
func (*idle) Session(context.Context, harness.SessionOptions) (harness.Session, error) {
	return &idle{}, nil
}
func (i *idle) Snapshot(context.Context) (harness.State, error) { return i.Init(), nil }
func (*idle) Do(context.Context, *harness.Op) harness.Result {
	return harness.Result{Outcome: harness.OK}
}
func (*idle) Close() error { return nil }
func (*idle) Name() string { return "idle" }
func (*idle) Init() harness.State {
	return harness.NewState(harness.Group{Table: "counter", Column: "value", Len: 1}, "entry", 0)
}
func (*idle) Checks() []harness.Checker             { return nil }
func (*idle) Samples() []harness.Op                 { return nil }
func (*idle) Client(int, *rand.Rand) harness.Client { return &idle{} }
func (i *idle) Next(harness.Answer) *harness.Op {
	i.op = harness.Op{Name: "add", Steps: i.op.Steps[:0]}
	i.op.Steps = append(i.op.Steps, harness.Step{Kind: harness.Add, Delta: 1})
	return &i.op
}

// BenchmarkShipping is how many operations a second two workers do, send and have taken in, where the store costs nothing.
func BenchmarkShipping(b *testing.B) {
	e, err := fleet.Embed("secret")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	connect := func() *nats.Conn {
		c, err := fleet.Connect(e.Access)
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	ended := make(chan error, 2)
	maker := func(context.Context, json.RawMessage, int, func() error) (fleet.Attached, error) {
		return fleet.Attached{Row: engine.Row{Workload: &idle{}, Target: &idle{}}}, nil
	}
	for range cap(ended) {
		conn := connect()
		defer conn.Close()
		go func() { ended <- fleet.Work(b.Context(), conn, maker, fleet.WorkerOptions{}) }()
	}
	conn := connect()
	defer conn.Close()
	f, err := fleet.Gather(b.Context(), conn, fleet.Options{Workers: cap(ended), Within: time.Minute, Lost: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Ops = 4, int64(b.N)
	row := engine.Row{Workload: &idle{}, Target: &idle{}, Clients: func(cfg engine.Config, keep *spool.Spool) (engine.Clients, error) {
		return f.Clients(cfg, keep, func(int) (json.RawMessage, error) { return json.RawMessage(`{}`), nil }, nil), nil
	}}
	b.ResetTimer()
	rep, err := engine.Run(b.Context(), row, cfg)
	b.StopTimer()
	if err != nil || rep.History.Len() != b.N {
		b.Fatalf("%v; %d operations arrived of %d", err, rep.History.Len(), b.N)
	}
	b.ReportMetric(float64(b.N)/rep.Elapsed.Seconds(), "records/s")
	_ = rep.History.Spool.Close()
	_ = f.Close()
	for range cap(ended) {
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}
