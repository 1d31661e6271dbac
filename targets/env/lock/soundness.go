package lock

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

func never(store.Traits, int) string { return "" }

func because(why string) func(store.Traits, int) string {
	return func(store.Traits, int) string { return why }
}

func perServer(_ store.Traits, servers int) string {
	if servers > 1 {
		return "each application server has a mutex of its own, and knows nothing of the others'"
	}
	return ""
}

func expires(t store.Traits, _ int) string {
	if t.Pause > 0 {
		return "the lock expires while its holder stands still, and the holder goes on to write"
	}
	return ""
}

func forgetsOnly(t store.Traits, _ int) string {
	if t.Unlocks {
		return "the lock's server forgets its locks when it is killed, while their holders still work"
	}
	return ""
}

func forgets(t store.Traits, servers int) string {
	if why := expires(t, servers); why != "" {
		return why
	}
	return forgetsOnly(t, servers)
}

// outdated: replication is asynchronous.
func outdated(t store.Traits, servers int) string {
	if why := expires(t, servers); why != "" {
		return why
	}
	if t.Unlocks {
		return "the replica that takes over does not have the last locks, while their holders still work"
	}
	return ""
}

// outlives: the holder's session ends some time after its process has stopped to answer, and not before.
func outlives(t store.Traits, _ int) string {
	if t.Stops || 2*t.Pause > zkSession {
		return "the holder's session ends while it stands still, and the holder goes on to write"
	}
	return ""
}

// endangers are the hazards that the lock lets through in some row.
func (d *design) endangers() promise.Hazards {
	var all promise.Hazards
	for _, t := range []store.Traits{{}, {Pause: zkSession}, {Unlocks: true}} {
		if d.lets(t, 2) != "" {
			all |= promise.HazardSet(promise.Unlocked)
		}
	}
	if d.misuse == noExpiry {
		all |= promise.HazardSet(promise.Stuck)
	}
	return all
}

// effect is what the lock does to a row's promise.
func (d *design) effect(t store.Traits, servers int, ops []harness.Op) promise.Effect {
	if why := d.lets(t, servers); why != "" {
		return promise.Effect{Name: d.name, Causes: promise.HazardSet(promise.Unlocked), Why: why}
	}
	in := promise.Effect{
		Name: d.name, Why: d.name + " keeps others out from before the first read until after the commit",
		// A write that a fence refuses, or that follows on a lock that was lost, leaves those before it. So does a service that declines.
		Prevents: promise.Serialized(t.Severs || t.Kills || t.Crashes || d.fenced && t.Pause > 0 || slices.ContainsFunc(ops, calls)),
	}
	if d.fenced {
		in.Why += ", and the store refuses what earlier holders write late"
	}
	if d.misuse == noExpiry && t.Crashes {
		in.Causes, in.Why = promise.HazardSet(promise.Stuck), "whoever dies with the lock holds it for ever"
	}
	return in
}

func calls(op harness.Op) bool { return op.Calls() }
