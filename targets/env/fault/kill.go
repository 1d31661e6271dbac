package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// killer kills servers and starts them again.
type killer struct {
	tally
	what     string // server killed
	find     func(*store.RowSpec) (victims []store.Mortal, skip string)
	prepared []store.Mortal // of the row that was prepared last
	victims  []store.Mortal // of the row that runs
}

// openKillServer kills the store's own server, which clients wait for.
func openKillServer(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
	if opt.Joins {
		return bystander{patient: true}, nil
	}
	victim, why := mortal(opt.Store)
	k := &killer{what: "server killed", find: func(spec *store.RowSpec) ([]store.Mortal, string) {
		spec.Env.Patient = true
		return []store.Mortal{victim}, why
	}}
	k.figure = store.Figure{Name: "kills", Unit: "times the server was killed"}
	return k, nil
}

// mortal is a store's process, or why there is none to be killed.
func mortal(server store.Server) (m store.Mortal, why string) {
	k, ok := server.(store.Killable)
	if !ok {
		return nil, server.Info().Product + " has no server that could be killed"
	}
	m, err := k.Mortal()
	if err != nil {
		return nil, err.Error()
	}
	return m, ""
}

// openKillLockServer kills one of the servers that keep the row's locks.
func openKillLockServer(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
	if opt.Joins {
		return bystander{}, nil
	}
	k := &killer{what: "lock server killed", find: func(spec *store.RowSpec) ([]store.Mortal, string) {
		if len(spec.Env.Locks) == 0 {
			return nil, cmp.Or(spec.Env.NoLocks, "no server keeps its locks")
		}
		return spec.Env.Locks, ""
	}}
	k.figure = store.Figure{Name: "kills", Unit: "times a lock server was killed"}
	return k, nil
}

// Prepare finds out whom to kill.
func (k *killer) Prepare(spec *store.RowSpec) (skip string) {
	k.prepared, skip = k.find(spec)
	return skip
}

// Wrap remembers the row's victims: other rows may be prepared before this one runs.
func (k *killer) Wrap(inner harness.Target) harness.Target {
	victims := k.prepared
	return &target{Passing: store.Passing{Target: inner}, begin: func() {
		k.victims = victims
		k.n.Store(0)
	}}
}

// restartTimeout bounds a restart, which takes a second, or a few where the machine has much else to do.
const restartTimeout = 2 * time.Minute

// Inject kills a server and starts it again, which it also ends where the round is over meanwhile.
func (k *killer) Inject(ctx context.Context, on store.Victims) error {
	return interval{800 * time.Millisecond, 1500 * time.Millisecond}.strike(ctx, on, func() error {
		victim := k.victims[on.Rand.IntN(len(k.victims))]
		mended := on.Note(k.what)
		defer mended()
		if err := victim.Kill(); err != nil {
			return fmt.Errorf("kill: %w", err)
		}
		k.n.Add(1)
		again, cancel := context.WithTimeout(context.WithoutCancel(ctx), restartTimeout)
		defer cancel()
		if err := victim.Restart(again); err != nil {
			return errors.Join(harness.ErrServerLost, fmt.Errorf("start it again: %w", err))
		}
		return nil
	})
}

// Close leaves the servers to those who started them.
func (k *killer) Close() error { return nil }
