// Package engine runs one row: it fires a workload's operations at a target from many clients, counts what became of them, records
// them, and judges the history. In go a Row and a Config; out comes a Report. Start at Run.
//
//	run.go        Run: set up, open the clients, rounds, the final state, the verdict
//	rounds.go     clients pause between rounds, and a row ends as soon as its verdict is decided
//	client.go     one client: attempts, retries, what it was told
//	schedule.go   open loop: when operations are due
//	judgement.go  Judge: checks, positive controls, planted corruptions, the trials that a green needs
//	merge.go      several runs of a row as one
//	nemesis.go    what breaks things meanwhile
//	code.go       Code: a target made of a program's own functions
package engine
