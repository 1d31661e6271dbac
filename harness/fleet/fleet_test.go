package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/clock"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/fleet"
	"github.com/lastseat/lastseat/harness/spool"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/workloads"
)

// lost is long enough for a machine under load, and short enough to wait for.
const lost = 4 * time.Second

// stage is a NATS server, and workers that are goroutines of the test: they have the coordinator's own target.
type stage struct {
	t       *testing.T
	nats    *fleet.Embedded // nil: the servers are somebody else's
	access  fleet.Access
	lost    time.Duration
	target  harness.Target
	load    harness.Workload
	nemesis func() store.Nemesis // each worker's own; nil: there is none
	sent    atomic.Int64         // operations, by all workers
	atWork  sync.RWMutex
	workers []*hand
}

// hand is one worker.
type hand struct {
	conn   *nats.Conn
	cancel context.CancelFunc
	ended  chan error
}

func newStage(t *testing.T, workers int, clocks ...clock.Skew) *stage {
	t.Helper()
	e, err := fleet.Embed("secret", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	s := stageAt(t, e.Access, workers, clocks...)
	s.nats = e
	return s
}

// stageAt is a stage at NATS servers that are there.
func stageAt(t *testing.T, at fleet.Access, workers int, clocks ...clock.Skew) *stage {
	t.Helper()
	s := &stage{t: t, access: at, lost: lost}
	t.Cleanup(func() {
		for _, w := range s.workers {
			w.cancel()
			if err := <-w.ended; err != nil {
				t.Logf("a worker ended with %v", err)
			}
			w.conn.Close()
		}
	})
	for i := range workers {
		var opt fleet.WorkerOptions
		if i < len(clocks) {
			opt.Clock = func(since time.Time) int64 { return clocks[i].Read(int64(time.Since(since))) }
		}
		s.hire(opt)
	}
	return s
}

func (s *stage) connect() *nats.Conn {
	s.t.Helper()
	conn, err := fleet.Connect(s.access)
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func (s *stage) hire(opt fleet.WorkerOptions) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &hand{conn: s.connect(), cancel: cancel, ended: make(chan error, 1)}
	s.workers = append(s.workers, w)
	opt.Version = "test"
	go func() {
		w.ended <- fleet.Work(ctx, w.conn, s.make, opt)
		close(w.ended)
	}()
}

// make is the workers' Maker.
func (s *stage) make(context.Context, json.RawMessage, int, func() error) (fleet.Attached, error) {
	row := engine.Row{Workload: s.load, Target: s.target}
	if s.nemesis != nil {
		row.Nemesis = s.nemesis()
	}
	return fleet.Attached{Row: row}, nil
}

// counting counts the operations of a target. Its state is not read in the midst of one: a lost worker's clients may be at work still, and a
// server would not mind.
type counting struct {
	harness.Target
	sent   *atomic.Int64
	atWork *sync.RWMutex
}

func (c counting) Snapshot(ctx context.Context) (harness.State, error) {
	c.atWork.Lock()
	defer c.atWork.Unlock()
	return c.Target.Snapshot(ctx)
}

func (c counting) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s, err := c.Target.Session(ctx, opt)
	return counted{s, c}, err
}

type counted struct {
	harness.Session
	by counting
}

func (c counted) Do(ctx context.Context, op *harness.Op) harness.Result {
	c.by.sent.Add(1)
	time.Sleep(20 * time.Microsecond)
	c.by.atWork.RLock()
	defer c.by.atWork.RUnlock()
	return c.Session.Do(ctx, op)
}

// gather is the coordinator.
func (s *stage) gather(n int) *fleet.Fleet {
	s.t.Helper()
	conn := s.connect()
	f, err := fleet.Gather(s.t.Context(), conn, fleet.Options{Workers: n, Within: time.Minute, Lost: s.lost, Version: "test", Say: s.t.Logf})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = f.Close(); conn.Close() })
	return f
}

// row is a row of seats under a strategy, its clients in the fleet.
func (s *stage) row(f *fleet.Fleet, strategy string) engine.Row {
	s.t.Helper()
	var err error
	if s.load, err = workloads.New("seats", workloads.Config{}); err != nil {
		s.t.Fatal(err)
	}
	engineOf := memory.Engine()
	server, err := engineOf.Open(s.t.Context(), store.OpenConfig{})
	if err != nil {
		s.t.Fatal(err)
	}
	offer, err := server.Row(store.RowSpec{Strategy: strategy, Level: harness.NoLevel, Start: s.load.Init(), Samples: s.load.Samples()})
	if err != nil || offer.Skip != "" {
		s.t.Fatal(err, offer.Skip)
	}
	s.target = counting{offer.Target, &s.sent, &s.atWork}
	return engine.Row{
		Label:    harness.Label{Workload: "seats", Target: "memory", Strategy: strategy},
		Workload: s.load, Target: s.target, Promise: &offer.Promise,
		Clients: func(cfg engine.Config, keep *spool.Spool) (engine.Clients, error) {
			spec := func(fleet.Place) (json.RawMessage, error) { return json.RawMessage(`{}`), nil }
			return f.Clients(cfg, keep, spec, nil), nil
		},
	}
}

func config() engine.Config {
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Seed, cfg.MinTrials = 8, 7, 100
	return cfg
}

// TestWorkersJudgeAlike: over three workers, what is broken is caught and what is safe is not accused; all take part, and their parts add up.
func TestWorkersJudgeAlike(t *testing.T) {
	s := newStage(t, 3)
	f := s.gather(3)
	for strategy, broken := range map[string]bool{"naive": true, "mutex": false} {
		cfg := config()
		cfg.Ops = 6000
		s.sent.Store(0)
		row := s.vouched(f, strategy)
		rep, err := engine.Run(t.Context(), row, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if (rep.Verdict == harness.Unsafe) != broken || !broken && rep.Verdict != harness.Safe {
			t.Errorf("%s: %s: %s", strategy, rep.Verdict, rep.Reason)
			for i := range rep.Results {
				t.Log(rep.Results[i].Checker.Name, rep.Results[i].Violations, rep.Results[i].Texts)
			}
		}
		if n := rep.Accounting.Processed(); n != cfg.Ops || int64(rep.History.Len()) != n || rep.Accounting.Latency[harness.OK].Count() != rep.Accounting.Outcomes[harness.OK] {
			t.Errorf("%s: %d operations were answered, %d recorded, want %d", strategy, n, rep.History.Len(), cfg.Ops)
		}
		var sum int64
		for _, w := range rep.Workers {
			if sum += w.Processed; w.Processed == 0 || w.Lost != "" || w.Slack <= 0 || w.Slack > time.Minute {
				t.Errorf("%s: worker %+v", strategy, w)
			}
		}
		if len(rep.Workers) != 3 || sum != cfg.Ops || len(rep.History.Clocks) != 3 {
			t.Errorf("%s: %d workers with %d operations, clocks %+v", strategy, len(rep.Workers), sum, rep.History.Clocks)
		}
		_ = rep.History.Spool.Close()
	}
}

// vouched is a row whose checks have just been seen to fail elsewhere.
func (s *stage) vouched(f *fleet.Fleet, strategy string) engine.Row {
	row := s.row(f, strategy)
	row.Control = &engine.Control{Failed: map[string]bool{}}
	for _, c := range row.Workload.Checks() {
		row.Control.Failed[c.Name] = true
	}
	return row
}

// TestWorkersWithWrongClocks: whatever workers' clocks show, what is broken is caught and what is safe is not accused. A clock that jumps
// makes its times incomparable.
func TestWorkersWithWrongClocks(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3, clock.Skew{Offset: -3 * time.Second, PPM: 150}, clock.Skew{Offset: time.Hour, PPM: -150}, clock.Skew{Step: 10 * time.Second, At: 1500 * time.Millisecond})
	f := s.gather(3)
	for strategy, want := range map[string]harness.Verdict{"naive": harness.Unsafe, "mutex": harness.Safe} {
		cfg := config()
		cfg.Duration = 3 * time.Second
		rep, err := engine.Run(t.Context(), s.vouched(f, strategy), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if rep.Verdict != want {
			t.Errorf("%s: %s: %s", strategy, rep.Verdict, rep.Reason)
		}
		comparable := 0
		for _, w := range rep.Workers {
			if w.Slack < time.Minute {
				comparable++
			}
		}
		if comparable < 2 {
			t.Errorf("%s: %+v", strategy, rep.Workers)
		}
	}
}

// during runs a row for some seconds, and does something in the middle of it.
func (s *stage) during(row engine.Row, do func()) (*engine.Report, error) {
	cfg := config()
	cfg.Duration = 8 * time.Second
	var wg sync.WaitGroup
	wg.Go(func() {
		for s.sent.Load() < 500 && s.t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		do()
	})
	defer wg.Wait()
	return engine.Run(s.t.Context(), row, cfg)
}

// TestAWorkerDies: nobody else stops, the row says who fell silent and is not decided, and the next one runs on those that are left.
func TestAWorkerDies(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	f := s.gather(3)
	var at int64
	rep, err := s.during(s.row(f, "mutex"), func() { s.workers[0].conn.Close(); at = s.sent.Load() })
	if err != nil {
		t.Fatal(err)
	}
	if rep.Verdict != harness.Inconclusive || !strings.Contains(rep.Reason, "fell silent") {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
	gone := 0
	for _, w := range rep.Workers {
		if w.Lost != "" {
			if gone++; w.Unseen == 0 {
				t.Errorf("the lost worker: %+v", w)
			}
		} else if w.Processed == 0 {
			t.Errorf("a worker that lives: %+v", w)
		}
	}
	if gone != 1 || s.sent.Load() < at+500 {
		t.Errorf("%d workers are gone; %d operations were sent until then, %d in all", gone, at, s.sent.Load())
	}
	cfg := config()
	cfg.Ops = 2000
	rep, err = engine.Run(t.Context(), s.row(f, "naive"), cfg)
	if err != nil || len(rep.Workers) != 2 || rep.Verdict != harness.Unsafe {
		t.Errorf("the next row: %v, %+v", err, rep)
	}
	if err := <-s.workers[0].ended; !errors.Is(err, fleet.ErrCoordinatorLost) {
		t.Errorf("the worker that was cut off ended with %v", err)
	}
}

// TestABrokenRowLosesAWorker: what broke stands without the worker that died in the middle of the row.
func TestABrokenRowLosesAWorker(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	f := s.gather(3)
	rep, err := s.during(s.row(f, "naive"), func() { s.workers[0].conn.Close() })
	if err != nil {
		t.Fatal(err)
	}
	if rep.Verdict != harness.Unsafe || !strings.Contains(rep.Reason, "fell silent") || !strings.Contains(rep.Reason, "stands without it") {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
	for i, c := range rep.History.Clocks {
		if (c.Missing != "") != (rep.Workers[i].Lost != "") || c.Slack == harness.Incomparable {
			t.Errorf("clock %+v of %+v", c, rep.Workers[i])
		}
	}
	for r := range rep.History.Ops() {
		if r.Begin < r.Invoke || r.End < r.Begin {
			t.Fatalf("%+v", r.Record)
		}
	}
}

// TestAWorkerDiesBeforeTheRow: one that was lost while clients were opened is replaced by the others.
func TestAWorkerDiesBeforeTheRow(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	f := s.gather(3)
	s.workers[0].conn.Close()
	cfg := config()
	cfg.Ops = 2000
	rep, err := engine.Run(t.Context(), s.vouched(f, "mutex"), cfg)
	if err != nil || len(rep.Workers) != 2 || rep.Verdict != harness.Safe || rep.Accounting.Processed() != cfg.Ops {
		t.Errorf("%v, %+v", err, rep)
	}
}

// TestNATSDies: the row ends within a bounded time, undecided, and workers stop by themselves.
func TestNATSDies(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	f := s.gather(2)
	rep, err := s.during(s.row(f, "mutex"), s.nats.Close)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Verdict != harness.Inconclusive || !strings.Contains(rep.Reason, "fell silent") {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
	for _, w := range s.workers {
		if err := <-w.ended; !errors.Is(err, fleet.ErrCoordinatorLost) {
			t.Errorf("a worker ended with %v", err)
		}
	}
	if _, err := engine.Run(t.Context(), s.row(f, "mutex"), config()); !errors.Is(err, fleet.ErrNoWorkers) {
		t.Errorf("the next row: %v", err)
	}
}

// TestTooFewWorkers: who waits for workers in vain is told how many came.
func TestTooFewWorkers(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	conn := s.connect()
	defer conn.Close()
	_, err := fleet.Gather(t.Context(), conn, fleet.Options{Workers: 2, Within: time.Second, Version: "test"})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 workers came") {
		t.Error(err)
	}
}

// TestAnotherVersion: a worker of another lastseat is not taken.
func TestAnotherVersion(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	conn := s.connect()
	defer conn.Close()
	_, err := fleet.Gather(t.Context(), conn, fleet.Options{Workers: 1, Within: time.Second, Version: "another"})
	if err == nil || !strings.Contains(err.Error(), "give all the same") {
		t.Error(err)
	}
}

// TestTheCoordinatorDies: workers that hear nothing of it any more stop by themselves.
func TestTheCoordinatorDies(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	conn := s.connect()
	f, err := fleet.Gather(t.Context(), conn, fleet.Options{Workers: 2, Within: time.Minute, Lost: lost, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = s.during(s.row(f, "mutex"), conn.Close)
	}()
	for _, w := range s.workers {
		if err := <-w.ended; !errors.Is(err, fleet.ErrCoordinatorLost) {
			t.Errorf("a worker ended with %v", err)
		}
	}
	sent := s.sent.Load()
	<-ended
	if now := s.sent.Load(); now != sent {
		t.Errorf("%d operations were sent after the workers had stopped", now-sent)
	}
	_ = f.Close()
}

// TestWorkersEndWithTheRun: a run that is over sends its workers home.
func TestWorkersEndWithTheRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	conn := s.connect()
	defer conn.Close()
	f, err := fleet.Gather(t.Context(), conn, fleet.Options{Workers: 2, Within: time.Minute, Lost: lost, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	for _, w := range s.workers {
		if err := <-w.ended; err != nil {
			t.Errorf("a worker ended with %v", err)
		}
	}
}
