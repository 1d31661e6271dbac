// Package load is what a load on a user's program needs beside the program: a Meter, which counts what passes on the wire, and a Control,
// lastseat's own bug on the same server. In go batches of a proxy, and a server; out come counts, and whether the bug showed. Start at Meter.
package load
