package lock

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// TestFailoverLosesLocks: the replica that Sentinel makes the primary lets a second client in, and none gets a number that was given before.
func TestFailoverLosesLocks(t *testing.T) {
	for _, name := range []string{"redis-sentinel", "redis-sentinel-fenced"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fenced := strings.HasSuffix(name, "-fenced")
			var mu sync.Mutex
			tokens := map[int64]bool{}
			inner := &stub{do: func(ctx context.Context, _ int, opt *harness.SessionOptions) harness.Result {
				if fenced {
					mu.Lock()
					if token := opt.Fence(); tokens[token] {
						t.Errorf("token %d twice", token)
					} else {
						tokens[token] = true
					}
					mu.Unlock()
				}
				if err := opt.Hook(ctx, harness.Action{Point: harness.AtGap}); err != nil {
					return harness.Result{Outcome: harness.Failed, Err: err}
				}
				return harness.Result{Outcome: harness.OK}
			}}
			const many = 4
			all, victims, row := surrounded(t, name, many, store.Traits{Unlocks: true}, inner, nil)
			stop := make(chan struct{})
			var at sync.WaitGroup
			for _, s := range all {
				at.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						if res := s.Do(t.Context(), buy()); res.Outcome != harness.OK && res.Conflict != harness.LockTimeout {
							t.Errorf("%+v", res)
							return
						}
					}
				})
			}
			failovers := 2
			for deadline := time.Now().Add(2 * time.Minute); failovers > 0 || !fenced && row().overlaps.Load() == 0; failovers-- {
				if time.Now().After(deadline) {
					t.Error("no second client was let in")
					break
				}
				before := victims[0].(*mortal).Mortal.(*watched).primary.Address()
				if err := errors.Join(victims[0].Kill(), victims[0].Restart(t.Context())); err != nil {
					t.Error(err)
					break
				}
				if after := victims[0].(*mortal).Mortal.(*watched).primary.Address(); after == before {
					t.Errorf("%s is the primary as before", after)
				}
			}
			close(stop)
			at.Wait()
			if n := row().overlaps.Load(); fenced && n > 0 {
				t.Logf("%d overlaps, which the store's fence makes harmless", n)
			}
			if fenced && len(tokens) < many {
				t.Errorf("only %d locks were taken", len(tokens))
			}
		})
	}
}

// TestYourSentinel: the user's own Sentinel says where the primary is.
func TestYourSentinel(t *testing.T) {
	hushRedis()
	w, err := startWatched(t.Context(), 100)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		t.Skip(missing)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	password := w.sentinel.Password()
	for _, name := range []string{"redis", "redis-sentinel", "redis-sentinel-fenced"} {
		count := 0
		counts(t, clientsWith(t, name, 4, store.Traits{}, counter(&count), map[string]string{"redis": w.address()}), &count)
	}
	for address, want := range map[string]string{
		strings.Replace(w.address(), "/"+watchedName+"?", "/other?", 1):                                          "watches no primary of that name; correct the name",
		"redis+sentinel://127.0.0.1:1/locks":                                                                     "cannot reach Redis at 127.0.0.1:1: connection refused",
		"redis+sentinel://:" + password + "@" + w.sentinel.Address() + "/" + watchedName:                         "refuses the user: NOAUTH",
		"redis+sentinel://" + w.sentinel.Address() + "/" + watchedName + "?sentinel_password=" + password:        "refuses the user: NOAUTH",
		"redis://:" + password + "@" + w.sentinel.Address():                                                      "is a Redis Sentinel, which keeps no keys; name it with the primary",
		"redis+sentinel://:wrong@" + w.sentinel.Address() + "/" + watchedName + "?sentinel_password=" + password: "refuses the user: WRONGPASS",
	} {
		all, err := connectRedis(t.Context(), address, 1, 8)
		for _, s := range all {
			if err := s.close(); err != nil {
				t.Error(err)
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	i := slices.IndexFunc(Table(), func(c store.Component) bool { return c.Name == "redis-sentinel" })
	instance, err := Table()[i].Open(t.Context(), store.ComponentOptions{Servers: 1, Clients: 1, Backends: map[string]string{"redis": w.primary.DSN()}})
	if err != nil {
		t.Fatal(err)
	}
	spec := store.RowSpec{Start: harness.State{Groups: []harness.Group{{Table: "stock", Len: 1}}, Values: []int64{0}}}
	if skip := instance.Prepare(&spec); !strings.Contains(skip, "write redis+sentinel://") {
		t.Errorf("skipped: %q", skip)
	}
	if err := instance.Close(); err != nil {
		t.Error(err)
	}
}
