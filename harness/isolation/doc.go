// Package isolation plays schedules on every level of every server. Those of the anomalies measure what each level prevents, beside
// what it is declared to prevent (Measure); those of users show what servers make of the same statements (Replay). It reads no flags
// and prints nothing: package reports renders what comes of it. A newcomer starts at Config.
//
//	servers.go     the servers, each in every way in which it can be set
//	measure.go     the schedules of anomalies
//	replay.go      schedules of users, of statements
//	operations.go  schedules of users, of operations
package isolation
