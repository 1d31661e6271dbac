// Package harness is lastseat's vocabulary and engine: what an operation is, what a store under test must offer, and how
// thousands of concurrent operations are fired at it, recorded and judged.
//
// In goes a Row: a Workload, a Target (a store under one strategy at one isolation level) and a Promise of what to expect.
// Run drives the clients and returns a Report: a verdict with its evidence, the accounting, and the History that both came
// from.
//
//	workloads ──Op──▶ harness ──Op──▶ targets
//	                    │  ◀─Result──
//	                    ▼ History
//	                 harness/check ──Finding──▶ Judge ──Report──▶ reports
//
// A newcomer starts at Op (an operation is data), Outcome (the four things a client can be told), Target and Session (what
// a store offers), then Run.
//
// To add a part, write one file and one line in a table:
//
//	a database      targets/NAME/        an Engine            targets/targets.go
//	a strategy      targets/sqldb/       a Strategy           targets/sqldb/strategy.go
//	a workload      workloads/           a harness.Workload   workloads/workloads.go
//	a checker       harness/check/       a harness.Checker    the workloads that promise it
//	a report        reports/             a Renderer           cmd/lastseat
package harness
