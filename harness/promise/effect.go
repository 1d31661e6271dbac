package promise

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// Effect is what a component does to a row's promise.
type Effect struct {
	Name     string  // of the component
	Prevents Hazards // whatever else lets them through
	Causes   Hazards // that nothing else on the way to the store would
	// OnConflict: it causes them only where attempts meet conflicts.
	OnConflict bool
	// RefusedCommit: it causes them only where the server may refuse a COMMIT for what others did (Isolation.Watches).
	RefusedCommit bool
	// Fresh: it has the reads that the plan does not protect see whatever was committed before, on whichever of several servers.
	Fresh bool
	Why   string // what goes wrong, as a clause: "the lock expires while its holder still works"
}

// CausedByEnv are the hazards that only components cause.
const CausedByEnv Hazards = 1<<Unlocked | 1<<StaleRead | 1<<LostAck | 1<<Duplicate | 1<<Stuck | 1<<DualWrite | 1<<LongFork

// AgainstModels are those of them that break what a level's model promises. Whether the others do harm depends on the strategy.
const AgainstModels Hazards = 1 << LongFork

// Serialized is what a lock prevents that keeps operations on the same cells apart, from before their first statement until after
// their last: everything that operations do to each other. halves: operations can end halfway, which no lock mends.
func Serialized(halves bool) Hazards {
	all := HazardSet(Split, Partial, G0, Dirty, StmtSkew, OTV, PMP, GSingle, PMPWrite, P4, GSingleWrite, G2Item, G2)
	if halves {
		all &^= HazardSet(Partial)
	}
	return all
}

// Elsewhere is what reads answered by something other than the store cause: they are no part of the transaction. stale: they may
// also be old when the client gets them.
func Elsewhere(stale bool) Hazards {
	if stale {
		return HazardSet(Split, StaleRead)
	}
	return HazardSet(Split)
}

// sensitiveTo is what the plan suffers from where a component causes it, beside what it needs anyway.
func (p Plan) sensitiveTo(ops []harness.Op) Hazards {
	minds := HazardSet(Unlocked, LostAck, Duplicate, Stuck)
	switch p.Cover {
	case Plain:
		minds |= HazardSet(Split, StaleRead)
	case LockedLate:
		minds |= HazardSet(StaleRead) // the lock keeps others out between the read, wherever it is made, and the write
	case Locked, Compared, Conditional, Constrained:
	}
	for i := range ops {
		if ops[i].Calls() {
			minds |= HazardSet(DualWrite)
		}
	}
	return minds
}

// refuses are the hazards that are prevented by refusing one of two transactions, and not by what their reads are shown.
const refuses = Hazards(1<<StmtSkew | 1<<PMPWrite | 1<<P4 | 1<<GSingleWrite | 1<<G2Item | 1<<G2)

// conflicts reports whether attempts under the plan are sure to be refused now and then for what others do, unless components
// further in have kept those away.
func (p Plan) conflicts(needs Hazards, iso Isolation, kept Hazards) bool {
	switch {
	case kept.Has(P4):
		return false
	case p.Cover == Compared, p.Cover == Constrained && p.Rows:
		return true
	}
	return needs&iso.Prevents&refuses != 0
}

// SkipIdle says why there is no such row, where a component acts on conflicts and the plan is not sure to meet any: nobody could
// say what it will do, since deadlocks and locks that take too long come as they like. Empty: there is.
func (p Plan) SkipIdle(ops []harness.Op, iso Isolation, effects []Effect) string {
	var kept Hazards
	needs := p.Needs(ops, iso)
	for _, in := range effects {
		switch {
		case !in.OnConflict:
		case in.Causes&(needs|p.sensitiveTo(ops)) == 0:
			return p.Cover.String() + ", and so refuses what " + in.Name + " does, again and again: safe, and nobody gets on"
		case !p.conflicts(needs, iso, kept):
			return "what " + in.Name + " does shows where operations are sure to conflict, and here they are not: see naive-tx at serializable, or optimistic"
		}
		kept |= in.Prevents
	}
	return ""
}

// applies reports whether what the effect causes comes about under the plan at all, components further in having kept some away.
func (p Plan) applies(in *Effect, needs Hazards, iso Isolation, kept Hazards) bool {
	return (!in.OnConflict || p.conflicts(needs, iso, kept)) && (!in.RefusedCommit || iso.Watches)
}

// lets is what gets through of needs under iso, with components around.
func (p Plan) lets(needs Hazards, ops []harness.Op, iso Isolation, effects []Effect) Hazards {
	missing := needs &^ iso.Prevents
	var kept Hazards
	for i := range effects {
		in := &effects[i]
		if p.applies(in, needs, iso, kept) {
			missing |= in.Causes & (needs | p.sensitiveTo(ops))
		}
		missing &^= in.Prevents &^ p.behind(iso, effects)
		kept |= in.Prevents
	}
	if missing == HazardSet(Unlocked) {
		return 0 // nothing rests on the lock
	}
	return missing
}

// behind is what no lock around an operation prevents on several servers: whoever has it next may read, on another of them, what was
// there before, unless its reads wait.
func (p Plan) behind(iso Isolation, effects []Effect) Hazards {
	fresh := slices.ContainsFunc(effects, func(in Effect) bool { return in.Fresh })
	if fresh && p.Cover == Plain || !iso.Nodes || p.Cover == Compared || p.Cover == Conditional || p.Cover == Constrained {
		return 0
	}
	return HazardSet(Split, P4, GSingleWrite, PMPWrite, G2Item, G2)
}

// exposes is what would get through if no component prevented anything.
func (p Plan) exposes(needs Hazards, ops []harness.Op, iso Isolation, effects []Effect) Hazards {
	effects = slices.Clone(effects)
	for i := range effects {
		effects[i].Prevents = 0
	}
	return p.lets(needs, ops, iso, effects)
}

// cause is the component that lets one of the hazards through.
func (p Plan) cause(missing, needs Hazards, iso Isolation, effects []Effect) *Effect {
	var kept Hazards
	for i := range effects {
		in := &effects[i]
		if in.Causes&missing != 0 && in.Why != "" && p.applies(in, needs, iso, kept) {
			return in
		}
		kept |= in.Prevents
	}
	return nil
}

// protector is the component that prevents what would get through without it.
func protector(exposed Hazards, effects []Effect) *Effect {
	for i := range effects {
		if in := &effects[i]; in.Prevents&exposed != 0 {
			return in
		}
	}
	return nil
}
