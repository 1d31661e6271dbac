// Package history keeps histories as files, so that a verdict can be given again, by anybody, from what was recorded.
//
// In goes a harness.History, bit by bit while its row runs; out comes JSON Lines that a person, jq and this package can
// read: a header, a line an operation and a fault, the journal, the service's
// ledger, the workers' clocks, the final state. A name that ends in .zst is compressed. A run that
// dies leaves a file that reads up to where it died. docs/history.md has every key.
//
// A newcomer starts at Writer (Create, Append at each checkpoint, Finish, Close), then Open.
package history

// version is that of the format. A new key raises it too: a reader that skipped what it does not know could judge wrongly.
const version = 5

// maxLine bounds a line, in bytes: a reader needs to hold no more than one. It is enough for the start of 700,000 cells.
const maxLine = 16 << 20
