// Package polygraph decides whether any order of a history's transactions explains what they read.
//
// In goes a Problem: which transactions wrote a key, which one each read found, and what is known to have come first. Out comes an
// Answer: an order that explains all, proof that there is none, or neither, if the limits did not suffice. The order of two writes
// of a key is not known; deciding it decides more, as who read the one came before the other. Papadimitriou (J. ACM 1979)
// called that a polygraph and showed that it is NP-complete; histories of databases are far from the worst case.
//
// What is certain is decided first: of two writers, if one order closes a cycle, the other one is right, until nothing more follows
// (as Cobra and PolySI prune). What is left is searched, guided by when the transactions ran: an order is tried, each place
// where it contradicts a read becomes a choice, and choices that close a cycle are learnt from (conflict-driven, as SAT solvers are).
//
// A newcomer starts at Decide, then reads instance.go (what an order of two writers entails), prune.go and search.go.
package polygraph
