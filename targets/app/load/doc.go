// Package load is what a load on a user's program needs beside the program: clients that send operations, a Meter, which counts what passes on
// the wire, and a Control, lastseat's own bug on the same server. In go what to send, batches of a proxy, and a server; out come latencies and
// counts, and whether the bug showed. Start at Run.
package load
