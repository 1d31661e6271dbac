// Package anomaly finds in a recorded history what its database let happen, calls it by its name, and says which isolation
// models that rules out.
//
// In goes a history: of transactions over lists, registers or ranges (history.Transactions), or of lastseat's own operations
// on cells with versions (harness.History). Out comes a Result: the anomalies, the models ruled out by them, the strongest
// models that the history is consistent with, and for each anomaly a witness, the shortest cycle found with every edge explained.
//
// The rules are those of Adya (Weak Consistency, 1999) as Elle applies them (Kingsbury and Alvaro, VLDB 2020), under Elle's
// names; docs/check.md says where the answers differ on purpose. Transactions are the nodes of a graph: T1 → T2 if T2
// overwrote what T1 wrote (ww), read what T1 wrote (wr), overwrote what T1 had read (rw; rwp if T1 had asked for a whole
// range), came after T1 in the same process, or began after T1 was answered (realtime). A cycle is an anomaly; what kinds of
// edges it needs is its name. What a history does not show is never assumed: an unknown write that nobody observed has no
// outgoing edge, so it accuses nobody.
//
// Where the order of versions is not known, cycles of what is known do not suffice: package polygraph decides whether any order explains what
// was read (decide.go), within limits. All else is near-linear in the history, but for the search of witnesses, which is bounded.
//
// A newcomer starts at Judge, then reads lists.go (how edges are inferred), search.go (how cycles are named) and decide.go.
package anomaly
