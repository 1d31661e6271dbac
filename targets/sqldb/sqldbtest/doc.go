// Package sqldbtest tests an engine's statements without its server: in goes what the engine says (a sqldb.Dialect) and the errors that
// its servers answer with, and every strategy is run on connections that are none. Each statement is answered as a table of numbers would
// answer it, and recorded.
//
// Statements compares what is sent with a golden file: the statements, their arguments and their order. Errors has each statement in turn
// fail with each error, and checks what the client is told and how the transaction ends. An engine calls both from its own test.
package sqldbtest
