package lock

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// Attach is a stub's, whose tables are nowhere.
func (s *stub) Attach(context.Context, harness.State) error { return nil }

// opened opens a lock of the table.
func opened(t *testing.T, name string, opt store.ComponentOptions) store.Instance {
	t.Helper()
	for _, d := range Table() {
		if d.Name != name {
			continue
		}
		instance, err := d.Open(t.Context(), opt)
		var missing *store.MissingError
		if errors.As(err, &missing) {
			t.Skip(missing)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := instance.Close(); err != nil {
				t.Error(err)
			}
		})
		return instance
	}
	t.Fatalf("there is no %s", name)
	return nil
}

// wrapped is the instance's row around a stub.
func wrapped(t *testing.T, d store.Instance, start harness.State, inner *stub) harness.Target {
	t.Helper()
	spec := store.RowSpec{Start: start}
	if skip := d.Prepare(&spec); skip != "" {
		t.Fatal(skip)
	}
	return d.Wrap(inner)
}

// attachedClients are n clients of a lock, half of them in each of two instances that are attached to a third, as in three processes.
func attachedClients(t *testing.T, name string, n int, inner *stub, backends map[string]string) (all []harness.Session, joined []store.Instance) {
	t.Helper()
	start := harness.State{Groups: []harness.Group{{Table: "stock", Len: 1}}, Values: []int64{0}}
	first := opened(t, name, store.ComponentOptions{Store: noServer{}, Servers: 2, Clients: n, Workers: 2, Backends: backends})
	if err := wrapped(t, first, start, inner).Setup(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	with, err := first.(store.Shareable).Share()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d := opened(t, name, store.ComponentOptions{Store: noServer{}, Servers: 1, Clients: n / 2, Joins: true, Attach: with})
		joined = append(joined, d)
		target := wrapped(t, d, start, inner)
		if err := target.(store.Attaching).Attach(t.Context(), start); err != nil {
			t.Fatal(err)
		}
		for i := range n / 2 {
			s, err := target.Session(t.Context(), harness.SessionOptions{Client: i})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			all = append(all, s)
		}
	}
	return all, joined
}

// TestAttachedKeepOthersOut: those who join a row of another process have the locks of all, and its numbers for fences.
func TestAttachedKeepOthersOut(t *testing.T) {
	for _, name := range []string{"redis", "redis-aof", "redlock", "redis-fenced", "redis-sentinel", "redis-sentinel-fenced", "zookeeper", "zookeeper-fenced", "etcd", "etcd-fenced"} {
		t.Run(name, func(t *testing.T) {
			count, last := 0, int64(0)
			inner := counter(&count)
			work := inner.do
			inner.do = func(ctx context.Context, client int, opt *harness.SessionOptions) harness.Result {
				if strings.HasSuffix(name, "-fenced") {
					if token := opt.Fence(); token <= last {
						t.Errorf("token %d after %d", token, last)
					} else {
						last = token
					}
				}
				return work(ctx, client, opt)
			}
			all, joined := attachedClients(t, name, 6, inner, nil)
			counts(t, all, &count)
			for _, d := range joined {
				if f := d.(store.Figured).Figures(); len(f) != 1 || f[0].Name != "lock wait" || f[0].Of == 0 {
					t.Errorf("figures %+v", f)
				}
			}
		})
	}
}

// TestAttachedMutexes: each process has its own.
func TestAttachedMutexes(t *testing.T) {
	both := make(chan struct{})
	inner := &stub{do: func(ctx context.Context, _ int, _ *harness.SessionOptions) harness.Result {
		select { // each waits for the other inside
		case both <- struct{}{}:
		case <-both:
		case <-ctx.Done():
			return harness.Result{Outcome: harness.Failed, Err: ctx.Err()}
		}
		return harness.Result{Outcome: harness.OK}
	}}
	all, _ := attachedClients(t, "process-mutex", 2, inner, nil)
	go all[0].Do(t.Context(), buy())
	if res := all[1].Do(t.Context(), buy()); res.Outcome != harness.OK {
		t.Errorf("%+v", res)
	}
}

// TestAttachedLeaveYours: those who join delete nothing that others still use, and nothing stays in the user's server once all are closed.
func TestAttachedLeaveYours(t *testing.T) {
	_, address, c := theirRedis(t)
	t.Run("run", func(t *testing.T) {
		count := 0
		all, joined := attachedClients(t, "redis-fenced", 4, counter(&count), map[string]string{"redis": address})
		counts(t, all, &count)
		if err := joined[1].(*instance).service.(*redisLocks).server.forget(t.Context()); err != nil {
			t.Error(err)
		}
		if n, err := c.DBSize(t.Context()).Result(); err != nil || n == 0 {
			t.Errorf("%d keys are left in the middle of the row (%v)", n, err)
		}
	})
	if keys, err := c.Keys(context.Background(), "*").Result(); err != nil || len(keys) > 0 {
		t.Errorf("%q is left (%v)", keys, err)
	}
}
