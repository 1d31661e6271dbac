// Package record is what a program in use said to its database, in a file: JSON, a line a statement. In go the batches of a proxy, out
// comes the file, and from that again the statements. Values are left out unless they are asked for. Start at New, or Read.
package record
