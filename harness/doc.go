// Package harness is lastseat's vocabulary: what an operation is, what a client can be told, what a store under test must offer, what a
// history holds and what a check answers.
//
//	workloads ──Op──▶ harness/engine ──Op──▶ targets
//	                    │  ◀─Result──
//	                    ▼ History
//	                 harness/check ──Finding──▶ engine.Judge ──Report──▶ reports
//
// A newcomer starts at Op (an operation is data), Outcome (the four things a client can be told), Target and Session (what
// a store offers). The rooms beside it: promise says what a row is expected to do, store what an engine and its surroundings are,
// engine runs one row, suite a whole table, explore one schedule at a time.
//
// # A program's own code, or its own store
//
// A buy() of one's own is three functions: see engine.Code, and its example in harness/engine/example_test.go. A store with set-up, clients
// and strategies of its own is a Target, and engine.Run takes it as it is; harness/engine/example_run_test.go has one whole. Four rules make
// its verdict worth something:
//
//   - Each write that is acknowledged leaves one Entry a cell in a journal that Snapshot returns, written together with the
//     cell if the code under test can do that. The journal is the evidence: without it a lost order cannot be told from one
//     that was never placed.
//   - Outcome says what the client knows, never what it hopes. Failed is a promise that nothing happened and nothing will;
//     whoever cannot promise that answers Unknown.
//   - A retry is the engine's: Do makes one attempt, and says by Result.Conflict whether another is worth it.
//   - Nothing hides the race. A lock that the code under test does not have must not be in Do.
//
// What one client alone can get wrong, targets/targettest finds: an outcome, a value or a journal that differs from Apply's.
// Call its Exercise from the target's test.
//
// # What is around a store
//
// A lock, a cache, a replica, a fault, a retry policy, a payment service is a store.Component. It knows no strategy: what it needs of the
// store it asks for in store.RowSpec.Env, what it does inside a client it does through SessionOptions (a Hook, a Fence, a Reader, a
// Call), and around the client by wrapping the Target. What it causes and prevents are promise.Effects on the row's promise. One that
// breaks things while clients run is a store.Nemesis. targets/env/fault, lock, reads, retry, durability and payment hold those there are.
//
// # A checker
//
// A Checker is a struct of two functions, Check and Plant, over a History; harness/engine/example_checker_test.go has one whole. Those
// of harness/check are ready to use, and engine.Judge weighs any list of them.
//
// # A part of lastseat
//
// To add a part to the command, write one file and one line in a table; docs/extending.md has a strategy, a workload and a
// report from beginning to end. The tests range over the tables: conformance, the matrix of every row, what a client may do.
//
//	to add       write this file          with                          and name it in
//	a database   targets/NAME/NAME.go     Engine() store.Engine         Table, targets/targets.go
//	a strategy   targets/sqldb/NAME.go    name() Strategy               Strategies, targets/sqldb/strategy.go
//	a workload   workloads/NAME.go        a Workload, and its maker     Table, workloads/workloads.go
//	a checker    harness/check/NAME.go    Name(…) Checker               Checks of the workloads that promise it
//	a recording  harness/check/NAME.go    judgeName(*recording) error   recordedWorkloads, harness/check/recorded.go
//	an anomaly   harness/explore/schedule/anomalies/NAME.schedule     order, harness/explore/schedule/embed.go
//	a lock, …    targets/env/lock/NAME.go     a store.Component            Table of its package
//	a report     reports/NAME.go          Name(w, *Result) error        formats, cmd/lastseat/formats.go
//
// A database with SQL fills in a sqldb.Dialect and has all strategies at once. Targets, workloads, checkers and renderers can
// as well live in a module of one's own, which calls engine.Run itself. A SQL strategy cannot: it is made of sqldb's own moves, which
// are not exported.
package harness
