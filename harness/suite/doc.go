// Package suite runs a whole table: every workload on every target, under every strategy, level and environment that was asked
// for. In goes a Config; Open opens the servers and plans the rows; Run runs them, with positive controls, budgets, sweeps over
// clients and repeats; out comes a Result, which package reports renders. It reads no flags, prints nothing and starts no
// programs. A newcomer starts at Config and at Table.
//
//	config.go       what a table is made of
//	target.go       what users type for targets; levels.go: for levels
//	limit.go        how many rows are too many
//	server.go       the opened servers
//	plan.go         from the config to rows
//	environment.go  what surrounds the store of a row
//	run.go          the rows, one after the other
//	control.go      positive controls
//	sweep.go        rows that differ in their number of clients only, judged together
//	result.go       what a run found; row.go: one line of it
//	reference.go    the row that others are compared with; only.go: the rows that users name; rows.go: whether they are there
//	histories.go    histories in a folder
//	undecided.go    the rows that more time decides
//	suited.go       what goes well with an environment where users name nothing
//	explorer.go     rows whose schedules are all run; schedules.go: those that break, as files
//	clean.go        what dead runs left on servers
package suite
