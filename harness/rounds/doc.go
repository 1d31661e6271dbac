// Package rounds runs a user's program under load and judges what comes of it. A round restores the database, has a burst of clients send
// their requests at one moment, and compares what they were told and what the tables hold with what serial orders give. In go a Lane, on
// which bursts and serial executions are run, and the operations' names; out comes a Report. Start at Runner.
//
//	runner.go   all cases in turn: briefly first, so that what breaks is known soon, then until there is evidence
//	case.go     one case: serial executions, rounds, the verdict
//	oracle.go   the two judges: of clients who are alike, and of a few who are not
//	report.go   what comes out, of rounds and of a sustained load
package rounds
