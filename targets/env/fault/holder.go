package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// holder is a fault of clients, which strikes them between their last read and their first write, with whatever locks they hold.
type holder struct {
	tally
	patient  bool          // connections are made anew
	prepared time.Duration // how long a client stops, in the row that was prepared last
	pause    time.Duration // in the row that runs
	strike   harness.Hook
}

// struckIn says that one operation in so many is struck, of those that come there.
const struckIn = 50

// struckLongIn is for clients that stop for seconds: one such stop lets many others work, and leaves no time for many.
const struckLongIn = 200

// holderSeed: a client's chances are its number's, and the same in each row.
const holderSeed = 0x5eed

// holderPause is how long a client stops: locks that protect it are made to expire sooner.
const holderPause = 80 * time.Millisecond

func openPauseHolder(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
	switch {
	case opt.Joins:
		return bystander{}, nil
	case opt.Workers > 0:
		return &stopper{opt.Processes}, nil
	}
	h := &holder{prepared: holderPause, pause: holderPause}
	h.strike = func(ctx context.Context, _ harness.Action) error {
		if harness.Sleep(ctx, h.pause) != nil {
			return ctx.Err()
		}
		return nil
	}
	h.figure = store.Figure{Name: "pauses", Unit: "times a client stopped in the middle"}
	return h, nil
}

func openCrashHolder(context.Context, store.ComponentOptions) (store.Instance, error) {
	h := &holder{patient: true, strike: func(context.Context, harness.Action) error {
		return fmt.Errorf("between its last read and its first write: %w", harness.ErrCrashed)
	}}
	h.figure = store.Figure{Name: "crashes", Unit: "times a client died in the middle"}
	return h, nil
}

// Prepare asks for connections that are made anew. A client stops for longer than the row's lock can live: servers notice the end of
// a life late.
func (h *holder) Prepare(spec *store.RowSpec) (skip string) {
	h.prepared = holderPause
	if shortest := spec.Env.ShortestLock; shortest > 0 {
		h.prepared = 2*shortest + time.Second
	}
	spec.Env.Patient = spec.Env.Patient || h.patient
	return ""
}

// Wrap strikes in the sessions' hooks.
func (h *holder) Wrap(inner harness.Target) harness.Target {
	pause := h.prepared // other rows may be prepared before this one runs
	return &target{Passing: store.Passing{Target: inner}, begin: func() {
		h.pause = pause
		h.n.Store(0)
	}, open: func(opt *harness.SessionOptions) {
		opt.Hook = opt.Hook.Then(h.hook(opt.Client))
	}}
}

// hook strikes one client.
func (h *holder) hook(client int) harness.Hook {
	r := rand.New(rand.NewPCG(holderSeed, uint64(client)))
	in := struckIn
	if h.pause > holderPause {
		in = struckLongIn
	}
	return func(ctx context.Context, a harness.Action) error {
		if a.Point != harness.AtGap || r.IntN(in) != 0 {
			return nil
		}
		h.n.Add(1)
		return h.strike(ctx, a)
	}
}

// Close has nothing to end.
func (h *holder) Close() error { return nil }
