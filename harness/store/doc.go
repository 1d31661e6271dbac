// Package store is what lastseat asks of a store, and of what surrounds one. An Engine opens a Server; a Server makes the target of a
// row (RowSpec in, Offer out), and says by optional interfaces what else it can do. A Component surrounds a store: a lock, a cache, a
// fault, a retry policy; it says what it requires of a row (Requirement), and a row says what it does not meet.
//
//	engine.go       Engine, Server, RowSpec, Offer, ServerInfo
//	component.go   what surrounds a store, by axis
//	requirement.go  what a component requires, and why a row cannot have it
//	capability.go   what targets can do besides
//	stepped.go          sessions that are stepped statement by statement (lastseat explore)
//	isolating.go    levels that can be measured (lastseat isolation)
//	script.go       statements as text (lastseat replay)
//	conninfo.go         connections for code of one's own
//	scenario.go     the small situations that explore runs
//
// Start at Engine; docs/extending.md adds one of each.
package store
