// Package compare compares results of two nights, branches, servers or versions. In go old and new, each as a Side: rows, and what shapes their
// load, whatever the kind of result (OfRun makes one of a run; internal/compared has the other kinds). Out comes a Result: verdicts that
// changed, and figures with their intervals and whether they differ at all. Results of unlike loads are refused. A newcomer starts at Compare.
package compare
