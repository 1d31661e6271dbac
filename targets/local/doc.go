// Package local starts throwaway servers from the server programs that this machine has: no containers, no root, nothing
// left behind. In goes an Engine or the path of a program, out comes a running Server with its DSN; Stop ends it.
//
// A throwaway server lives in a temporary folder of its own, listens on a free port of 127.0.0.1 only, and is as durable as
// its maker ships it, unless Options.Volatile. A watchdog process removes server and folder also when our own process is
// killed.
//
// A newcomer starts at Find and Start. To add an engine, write one file like postgres.go and one line in engines.
package local
