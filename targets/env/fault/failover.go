package fault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// failover has a standby take over from the store's server, once a row.
type failover struct {
	tally
	skip        string // why there are no such rows
	synchronous bool
	store       store.Redundant
	standby     store.Standby // of the row that runs; nil before its Setup, and after it took over
}

// openFailover makes the Open of failover.
func openFailover(synchronous bool) func(context.Context, store.ComponentOptions) (store.Instance, error) {
	return func(_ context.Context, opt store.ComponentOptions) (store.Instance, error) {
		if opt.Joins {
			return bystander{patient: true}, nil
		}
		f := &failover{synchronous: synchronous}
		f.figure = store.Figure{Name: "failovers", Unit: "times the standby took over"}
		var ok bool
		if f.store, ok = opt.Store.(store.Redundant); !ok {
			f.skip = "there is no standby of " + opt.Store.Info().Product
		} else {
			f.skip = f.store.NoStandby()
		}
		return f, nil
	}
}

// Prepare has clients wait for the server that takes over.
func (f *failover) Prepare(spec *store.RowSpec) (skip string) {
	if f.skip != "" {
		return f.skip
	}
	spec.Env.Patient = true
	if !f.synchronous {
		spec.Env.Effects = append(spec.Env.Effects, promise.Effect{
			Name: "failover", Causes: promise.HazardSet(promise.LostAck),
			Why: "the server acknowledges commits that its standby does not have yet, and the standby takes over without them",
		})
	}
	return ""
}

// Wrap gives the row a standby.
func (f *failover) Wrap(inner harness.Target) harness.Target {
	return &doubled{target{Passing: store.Passing{Target: inner}, begin: func() { f.n.Store(0) }}, f}
}

// doubled is a row whose server has a standby at the beginning.
type doubled struct {
	target
	f *failover
}

// Setup makes the standby, where the last one took over, and has it have what the row begins with: no client may lose that.
func (d *doubled) Setup(ctx context.Context, start harness.State) (err error) {
	if d.f.standby == nil {
		if d.f.standby, err = d.f.store.Standby(ctx, d.f.synchronous); err != nil {
			return err
		}
	}
	if err := d.target.Setup(ctx, start); err != nil {
		return err
	}
	return d.f.standby.CatchUp(ctx)
}

// Close ends the row, and then the standby that nobody needed.
func (d *doubled) Close() error { return errors.Join(d.Target.Close(), d.f.end()) }

// end gives up the standby, where there is one.
func (f *failover) end() error {
	if f.standby == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), restartTimeout)
	defer cancel()
	err := f.standby.Close(ctx)
	f.standby = nil
	return err
}

// goesOn is how long the server goes on without its standby before it is killed.
const goesOn = 300 * time.Millisecond

// Inject cuts replication, and kills the server a moment later; the standby takes over, also where the round is over meanwhile.
func (f *failover) Inject(ctx context.Context, on store.Victims) error {
	if f.standby == nil { // it took over in an earlier round
		return nil
	}
	if harness.Sleep(ctx, between(on.Rand, 300*time.Millisecond, 700*time.Millisecond)) != nil {
		return nil
	}
	mended := on.Note("failover")
	defer mended()
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), restartTimeout)
	defer cancel()
	if err := f.standby.Cut(late); err != nil {
		return fmt.Errorf("cut the standby off: %w", err)
	}
	_ = harness.Sleep(ctx, goesOn) // what follows is done in any case
	standby := f.standby
	f.standby = nil
	if err := standby.TakeOver(late); err != nil {
		return errors.Join(harness.ErrServerLost, fmt.Errorf("have the standby take over: %w", err), standby.Close(late))
	}
	f.n.Add(1)
	return nil
}

// Close ends a standby that a row has left.
func (f *failover) Close() error { return f.end() }
