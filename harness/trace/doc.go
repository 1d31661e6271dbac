// Package trace says which operations of a program could race, from what each was seen to do alone. In go operations: their transactions,
// and which tables each statement reads, writes and locks; out comes a Pair for each two of them, with the reasons why they could race, or
// why they do not seem to. It is no verdict: what could race, harness/explore/program decides.
//
// Two operations can end as no serial order gives if there are two moments of one that conflict with moments of the other (a read sees
// what a commit changes, or two commits change the same): then one can come before the other here, and after it there. Moments of one
// transaction that lie behind a lock which both take are one after the other. Tables are told apart, rows are not.
//
// Start at Pairs. conflict.go finds moments that conflict, excluded.go what keeps them apart, reasons.go what can go wrong.
package trace
