package harness

import "slices"

// Influence is what a decoration does to a row's promise.
type Influence struct {
	Name     string  // of the decoration
	Prevents Hazards // whatever else lets them through
	Causes   Hazards // that nothing else on the way to the store would
	// OnConflict: it causes them only where attempts meet conflicts.
	OnConflict bool
	Why        string // what goes wrong, as a clause: "the lock expires while its holder still works"
}

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

// minds is what the plan suffers from where a decoration causes it, beside what it needs anyway.
func (p Plan) minds(ops []Op) Hazards {
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

// conflicts reports whether attempts under the plan may be refused for what others do.
func (p Plan) conflicts(needs Hazards, iso Isolation) bool {
	return p.Cover == Compared || p.Cover == Constrained || needs&iso.Prevents&^HazardSet(G0, Dirty) != 0
}

// lets is what gets through of needs under iso, with decorations around.
func (p Plan) lets(needs Hazards, ops []Op, iso Isolation, around []Influence) Hazards {
	missing := needs &^ iso.Prevents
	for _, in := range around {
		if !in.OnConflict || p.conflicts(needs, iso) {
			missing |= in.Causes & (needs | p.minds(ops))
		}
		missing &^= in.Prevents
	}
	if missing == HazardSet(Unlocked) {
		return 0 // nothing rests on the lock
	}
	return missing
}

// exposes is what would get through if no decoration prevented anything.
func (p Plan) exposes(needs Hazards, ops []Op, iso Isolation, around []Influence) Hazards {
	around = slices.Clone(around)
	for i := range around {
		around[i].Prevents = 0
	}
	return p.lets(needs, ops, iso, around)
}

// blame is the decoration that lets one of the hazards through.
func blame(missing Hazards, around []Influence) *Influence {
	for i := range around {
		if in := &around[i]; in.Causes&missing != 0 && in.Why != "" {
			return in
		}
	}
	return nil
}

// shield is the decoration that prevents what would get through without it.
func shield(exposed Hazards, around []Influence) *Influence {
	for i := range around {
		if in := &around[i]; in.Prevents&exposed != 0 {
			return in
		}
	}
	return nil
}
