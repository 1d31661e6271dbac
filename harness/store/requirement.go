package store

import "github.com/lastseat/lastseat/harness/promise"

// Requirement is something that what surrounds a store requires of a row: a strategy on a store.
type Requirement uint8

// The requirements.
const (
	Fences       Requirement = iota // each write carries a token: Env.Fenced
	RequestKeys                     // the journal takes an operation once: Env.Keyed
	Repeatable                      // an operation that is sent twice happens twice: Env.Repeats
	OutsideReads                    // reads that the strategy does not protect are answered elsewhere: Env.Elsewhere
	ServiceCalls                    // Calls go to a real service: Env.Service
	CommitPoint                     // the row has a moment before its commit: Env.Misused
	ReadGap                         // the row has a moment between its last read and its first write: Traits.Pause, Traits.Crashes
	Connections                     // clients reach the store by connections that can break: Env.Route, Env.Patient
	Settings                        // the server can be set otherwise: Env.Settings
	PromisedRow                     // the row's promise follows from its strategy, not from its level alone: Env.Effects
	requirements                    // how many there are
)

// Requires are the requirements of everything around the row.
func (a *Env) Requires() []Requirement {
	harms := false
	for _, in := range a.Effects {
		harms = harms || in.Causes&^promise.AgainstModels != 0
	}
	asked := [requirements]bool{
		Fences: a.Fenced, RequestKeys: a.Keyed, Repeatable: a.Repeats, OutsideReads: a.Elsewhere, ServiceCalls: a.Service,
		CommitPoint: a.Misused, ReadGap: a.Traits.Pause > 0 || a.Traits.Crashes, Connections: a.Route != nil || a.Patient,
		Settings: len(a.Settings) > 0, PromisedRow: harms,
	}
	var all []Requirement
	for r := range requirements {
		if asked[r] {
			all = append(all, r)
		}
	}
	return all
}

// Unmet says why a row does not meet a requirement.
type Unmet struct {
	Requirement Requirement
	Why         string // it has no transaction in which a request id could be stored together with the effect
}

// Lacks says why a row cannot have what is around it: the first of its unmet requirements that is required; empty: it can.
func (a *Env) Lacks(unmet []Unmet) string {
	required := a.Requires()
	for _, u := range unmet {
		for _, r := range required {
			if r == u.Requirement {
				return u.Why
			}
		}
	}
	return ""
}
