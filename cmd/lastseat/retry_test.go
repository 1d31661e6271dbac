package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/retry"
	"github.com/lastseat/lastseat/workloads"
)

// retried is a row of seats under a strategy at a level, with a way to try again around it.
type retried struct {
	retry, strategy string
	level           harness.Level
	loses           bool // answers get lost
	unsafe          bool
}

// TestRetries: on every server, each wrong way to try again is caught, and the right one is never accused, where answers to COMMIT
// get lost before, while and after the server carries it out.
func TestRetries(t *testing.T) {
	const rr, rc, ser = harness.RepeatableRead, harness.ReadCommitted, harness.Serializable
	everywhere := []retried{
		{"retry-blind", "for-update", rc, true, true},
		{"retry-blind", "atomic", rc, true, true},
		{"retry-blind", "for-update", rc, false, false},
		{"idempotency-key", "for-update", rc, true, false},
		{"idempotency-key", "atomic", rr, true, false},
		{"idempotency-key", "naive-tx", ser, true, false},
		{"idempotency-key", "optimistic", rc, true, false},
		{"idempotency-key", "unique-slot", rc, true, false},
		{"retry-stale", "naive-tx", ser, false, true},
		{"swallow-conflict", "naive-tx", ser, false, true},
		{"swallow-conflict", "optimistic", rc, false, true},
	}
	of := map[string][]retried{
		"postgres": append([]retried{
			{"retry-stale", "naive-tx", rr, false, true}, {"swallow-conflict", "naive-tx", rr, false, true},
		}, everywhere...),
		"mysql": everywhere, "mariadb": everywhere,
	}
	for _, name := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) }) // once the server is closed
			o := openTarget(t, name, 2*retryClients)
			for _, r := range of[name] {
				t.Run(r.retry+"/"+r.strategy+"@"+r.level.Short(), func(t *testing.T) { r.run(t, o) })
			}
		})
	}
}

const retryClients = 8

func (r retried) run(t *testing.T, o *opened) {
	w, err := workloads.New("seats", workloads.Config{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	spec := harness.RowSpec{Strategy: r.strategy, Level: r.level, Start: w.Init(), Samples: w.Samples()}
	spec.Around.Traits.Severs = r.loses
	around := decoratorNamed(t, o, r.retry)
	if why := around.Prepare(&spec); why != "" {
		t.Fatal(why)
	}
	offer, err := o.server.Row(spec)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		t.Fatal(offer.Skip)
	}
	if offer.Promise.Safe == r.unsafe {
		t.Fatalf("the promise is %+v", offer.Promise)
	}
	target := offer.Target
	if r.loses {
		target = &losing{harness.Passing{Target: target}}
	}
	row := harness.Row{Label: harness.Label{Workload: "seats"}, Workload: w, Target: around.Wrap(target), Promise: &offer.Promise}
	cfg := harness.DefaultConfig()
	cfg.Concurrency, cfg.Budget, cfg.Reserve, cfg.Seed = retryClients, time.Second, time.Minute, 1
	rep, err := harness.Run(t.Context(), row, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	a := &rep.Accounting
	t.Logf("%s in %s: %d ok, %d unknown, %d ambiguous, %d attempts, %d violations", rep.Verdict, rep.Elapsed.Round(time.Millisecond),
		a.Outcomes[harness.OK], a.Outcomes[harness.Unknown], a.Ambiguous, a.Attempts, rep.Violations())
	if !rep.AsExpected {
		t.Errorf("%s: %s %v", rep.Verdict, rep.Reason, rep.Failure)
		for _, res := range rep.Results {
			t.Log(res.Checker.Name, res.Texts)
		}
	}
	if r.loses && a.Ambiguous == 0 {
		t.Error("no attempt was left in doubt")
	}
}

func decoratorNamed(t *testing.T, o *opened, name string) harness.Decorator {
	t.Helper()
	for _, d := range retry.Table() {
		if d.Name == name {
			around, err := d.Open(t.Context(), harness.DecorationOptions{Store: o.server, Servers: 1, Clients: retryClients})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = around.Close() })
			return around
		}
	}
	t.Fatalf("no %s", name)
	return nil
}

// losing is a target of which some answers are lost, as where a connection is cut at COMMIT: before the server gets it, while it
// carries it out, and after.
type losing struct{ harness.Passing }

func (l *losing) Session(ctx context.Context, opt harness.SessionOptions) (harness.Session, error) {
	s := &losingSession{target: l.Target, opt: opt, rand: rand.New(rand.NewPCG(1, uint64(opt.Client)))}
	var err error
	s.now, err = s.open(ctx)
	return s, err
}

type losingSession struct {
	target harness.Target
	opt    harness.SessionOptions
	rand   *rand.Rand
	now    *losable
	behind *losable // whose COMMIT nobody waits for; nil: there is none
}

// losable is a session that tells when it comes to its COMMIT.
type losable struct {
	harness.Session
	stop   bool          // the COMMIT never reaches the server
	commit chan struct{} // an attempt has come to its COMMIT
	ended  chan struct{} // the attempt that nobody waits for is over
}

var errCut = errors.New("the connection was cut")

func (s *losingSession) open(ctx context.Context) (*losable, error) {
	l := &losable{commit: make(chan struct{}, 1), ended: make(chan struct{})}
	opt := s.opt
	opt.Hook = opt.Hook.Then(func(_ context.Context, a harness.Action) error {
		if a.Point != harness.AtCommit {
			return nil
		}
		select {
		case l.commit <- struct{}{}:
		default:
		}
		if l.stop {
			return errCut
		}
		return nil
	})
	var err error
	l.Session, err = s.target.Session(ctx, opt)
	return l, err
}

func (s *losingSession) Do(ctx context.Context, op *harness.Op) harness.Result {
	l := s.now
	select {
	case <-l.commit: // of an attempt before
	default:
	}
	unknown := harness.Result{Outcome: harness.Unknown, Err: errCut}
	if op.ReadOnly() {
		return l.Do(ctx, op)
	}
	switch s.rand.IntN(10) {
	case 0: // the COMMIT does not get there
		l.stop = true
		defer func() { l.stop = false }()
		if res := l.Do(ctx, op); !errors.Is(res.Err, errCut) {
			return res
		}
		return unknown
	case 1: // its answer does not come back
		if res := l.Do(ctx, op); res.Outcome != harness.OK {
			return res
		}
		return unknown
	case 2: // it is under way
		return s.leave(ctx, op, unknown)
	}
	return l.Do(ctx, op)
}

// leave begins op, and goes on with another session as soon as its COMMIT is under way.
func (s *losingSession) leave(ctx context.Context, op *harness.Op, unknown harness.Result) harness.Result {
	if s.behind != nil {
		if err := s.end(); err != nil {
			return harness.Result{Err: err}
		}
	}
	next, err := s.open(ctx)
	if err != nil {
		return harness.Result{Err: err}
	}
	l, own, ready := s.now, *op, make(chan harness.Result, 1)
	go func() {
		defer close(l.ended)
		ready <- l.Do(context.WithoutCancel(ctx), &own)
	}()
	s.now, s.behind = next, l
	select {
	case <-l.commit:
		return unknown
	case res := <-ready:
		select {
		case <-l.commit: // both at once
			return unknown
		default:
		}
		res.Seen = append([]harness.Access(nil), res.Seen...)
		return res
	}
}

func (s *losingSession) end() error {
	<-s.behind.ended
	return s.behind.Close()
}

func (s *losingSession) Close() error {
	if s.behind != nil {
		if err := s.end(); err != nil {
			return err
		}
	}
	return s.now.Close()
}
