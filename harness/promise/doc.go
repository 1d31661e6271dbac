// Package promise derives what a row is promised: from the hazards that a strategy's way of covering its reads needs prevented, and
// from those that an isolation level prevents. In go a Plan, the operations that clients send, and an Isolation; out comes a Promise
// with its reason. What surrounds a store adds Effects: hazards that it causes, and hazards that it prevents. Start at Of.
//
//	hazard.go     the hazards, in the terms of Adya and Hermitage, each with its sentence and its mend
//	promise.go    Plan, Isolation and Of: needs that are not prevented make a row unsafe
//	effect.go  what locks, caches, faults and retries do to a promise
package promise
