package fleet_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

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

// BenchmarkShipping is how many operations a second two workers do, send and have taken in, where the store costs nothing; how many of the same
// bytes a second two loops alone publish to a stream, and one takes out, in messages as large; and the first as a share of the second. Processor
// time is what others on the machine do not change: that of a record of a row on workers, on none, and of the loops alone.
func BenchmarkShipping(b *testing.B) {
	e, err := fleet.Embed("secret", b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
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
	ship := func(n int, workers bool) (took, cpu time.Duration) {
		from := spent()
		cfg := engine.DefaultConfig()
		cfg.Concurrency, cfg.Ops = 4, int64(n)
		row := engine.Row{Workload: &idle{}, Target: &idle{}, Clients: func(cfg engine.Config, keep *spool.Spool) (engine.Clients, error) {
			return f.Clients(cfg, keep, func(fleet.Place) (json.RawMessage, error) { return json.RawMessage(`{}`), nil }, nil), nil
		}}
		if !workers {
			row.Clients = nil
		}
		rep, err := engine.Run(b.Context(), row, cfg)
		if err != nil || rep.History.Len() != n {
			b.Fatalf("%v; %d operations arrived of %d", err, rep.History.Len(), n)
		}
		_ = rep.History.Spool.Close()
		return rep.Elapsed, spent() - from
	}
	chunks := seen(b, conn, func() { ship(sample, true) })
	_, local := ship(b.N, false)
	b.ResetTimer()
	took, cpu := ship(b.N, true)
	b.StopTimer()
	messages := b.N*len(chunks)/sample + 1
	before := spent()
	alone := float64(b.N) / bare(b, connect, chunks, messages).Seconds()
	for name, of := range map[string]time.Duration{"cpu-ns/record": cpu, "local-cpu-ns/record": local, "bare-cpu-ns/record": spent() - before} {
		b.ReportMetric(float64(of)/float64(b.N), name)
	}
	size := 0
	for _, c := range chunks {
		size += len(c)
	}
	own := float64(b.N) / took.Seconds()
	b.ReportMetric(own, "records/s")
	b.ReportMetric(alone, "bare-records/s")
	b.ReportMetric(own/alone, "x-bare")
	b.ReportMetric(float64(size)/sample, "bytes/record")
	_ = f.Close()
	for range cap(ended) {
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}

// sample is how many records show how large chunks are.
const sample = 100_000

// seen are the chunks that workers send while do runs.
func seen(b *testing.B, conn *nats.Conn, do func()) (chunks [][]byte) {
	b.Helper()
	sub, err := conn.SubscribeSync("lastseat.run.*.chunk.*")
	if err != nil {
		b.Fatal(err)
	}
	do()
	for {
		m, err := sub.NextMsg(200 * time.Millisecond)
		if err != nil {
			_ = sub.Unsubscribe()
			return chunks
		}
		chunks = append(chunks, m.Data)
	}
}

// bare is how long two loops take to publish so many messages to a stream, and one to take them out.
func bare(b *testing.B, connect func() *nats.Conn, chunks [][]byte, messages int) time.Duration {
	b.Helper()
	conn := connect()
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		b.Fatal(err)
	}
	stream, err := js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "bare", Subjects: []string{"bare.*"}, Storage: jetstream.FileStorage})
	if err != nil {
		b.Fatal(err)
	}
	consumer, err := stream.OrderedConsumer(b.Context(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		b.Fatal(err)
	}
	taken := make(chan struct{}, messages)
	taking, err := consumer.Consume(func(jetstream.Msg) { taken <- struct{}{} })
	if err != nil {
		b.Fatal(err)
	}
	defer taking.Stop()
	from := time.Now()
	for half := range 2 {
		own := connect()
		defer own.Close()
		js, err := jetstream.New(own, jetstream.WithPublishAsyncMaxPending(64))
		if err != nil {
			b.Fatal(err)
		}
		go func() {
			for i := half; i < messages; i += 2 {
				if _, err := js.PublishAsync("bare.x", chunks[i%len(chunks)], jetstream.WithStallWait(time.Minute)); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	for range messages {
		<-taken
	}
	took := time.Since(from)
	if err := js.DeleteStream(b.Context(), "bare"); err != nil {
		b.Error(err)
	}
	return took
}
