// Package serial judges a concurrent execution by what its clients could have had one after the other: what they were answered and
// what the tables hold must equal the outcome of some serial order. Nobody has to say what is right.
//
// In go outcomes of serial executions (Judge.Add), which are each run at least twice, apart in time and in numbers; what differs
// between two of the same order is volatile, if it has the shape of a time, of a random token, or of a generated key, and anything
// else makes the program not deterministic. Then go outcomes of concurrent executions, and out come Verdicts. Keys compare up to
// renaming: rows are the nodes of a graph, in which generated keys are edges, and graphs are compared by colour refinement, with or
// without foreign keys. Start at Judge.
package serial
