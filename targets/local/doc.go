// Package local starts throwaway servers from the server programs that this machine has: no containers, no root, nothing
// left behind. In goes a Program (what an engine's folder knows of its server program) or
// the path of one, out comes a running Server with its DSN; Stop ends it.
//
// A throwaway server lives in a temporary folder of its own that nobody else can enter, listens on a free port of 127.0.0.1 only, and
// is as durable as its maker ships it, unless Options.Volatile. It asks everybody for a password, another one for each server, which
// is on no command line and in no environment. (Of ZooKeeper, strangers can still open connections, but not read or change a node.)
// A server of root's runs as the engine's own account, or nobody. A watchdog process removes server and folder also when our own
// process is killed; a Folder without a server has one too.
//
// A newcomer starts at Find and Start. targets/postgres/program.go makes a Program.
package local
