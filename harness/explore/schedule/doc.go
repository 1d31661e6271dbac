// Package schedule holds schedules as data: a few sessions, their statements in the order in which they take turns, and what is
// expected of them. The same file makes the same interleaving on each engine.
//
// In goes a text file; Parse makes a Schedule of it, Play runs that on a server at a level, and out comes an Outcome: what each
// statement returned, which waited and until when, and which claims of the file hold. Write and WriteSQL save a Schedule.
// Anomalies are the schedules that this package brings along: one for each anomaly that lastseat knows. docs/isolation.md describes
// the format; a newcomer starts at Schedule.
package schedule
