package lock

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// instance is an opened lock.
type instance struct {
	design  *design
	opt     store.ComponentOptions
	service service
	// attached is where another process begins the rows; nil: this one does.
	attached *attachment

	kills    kills
	prepared store.Traits // of the row that was prepared last
	row      *row         // that runs, or ran last
}

// Prepare says what the lock does to the promise.
func (d *instance) Prepare(spec *store.RowSpec) (skip string) {
	if content, same := spec.Start.Content(); !same || content != harness.Numbers {
		return "locks are for changing numbers: lists, registers and rows are there to show what a level does"
	}
	if unable, ok := d.service.(interface{ unable() string }); ok {
		if why := unable.unable(); why != "" {
			return why
		}
	}
	env := &spec.Env
	if long, ok := d.service.(interface{ unstopped() string }); ok && env.Traits.Stops && d.attached == nil {
		if why := long.unstopped(); why != "" {
			return why
		}
	}
	d.prepared = env.Traits
	env.Fenced = env.Fenced || d.design.fenced
	env.Misused = env.Misused || d.design.misuse.misused()
	if s, ok := d.service.(interface{ shortest() time.Duration }); ok {
		env.ShortestLock = s.shortest()
	}
	mortals, why := d.service.mortals()
	env.NoLocks = why
	for _, m := range mortals {
		env.Locks = append(env.Locks, &mortal{Mortal: m, kills: &d.kills})
	}
	env.Effects = append(env.Effects, d.design.effect(env.Traits, d.opt.Servers, spec.Samples))
	return ""
}

// Wrap surrounds a row's target with the lock.
func (d *instance) Wrap(inner harness.Target) harness.Target {
	return &target{Target: inner, instance: d, traits: d.prepared}
}

// Figures are how often the lock failed to keep others out, and what it cost.
func (d *instance) Figures() []store.Figure {
	if d.row == nil {
		return nil
	}
	wait := store.Figure{Name: "lock wait", Value: d.row.meanWait(), Unit: "ms", Of: d.row.waits.Load()}
	if d.attached != nil {
		return []store.Figure{wait} // who holds a lock in another process is not known here
	}
	return []store.Figure{{Name: "overlaps", Value: float64(d.row.overlaps.Load()), Unit: "times two clients held one lock"}, wait}
}

// Backend is what the lock's servers say of themselves.
func (d *instance) Backend() (store.BackendInfo, bool) {
	if s, ok := d.service.(backed); ok {
		if info := s.backend(); info != nil {
			return *info, true
		}
	}
	return store.BackendInfo{}, false
}

// Close stops the lock's servers.
func (d *instance) Close() error { return d.service.Close() }
