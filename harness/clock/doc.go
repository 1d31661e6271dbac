// Package clock moves times of another process's clock to this one's, and says how far off they may be. In go round trips, all along a row:
// this process asks (sent), the other one reads its clock (remote), the answer arrives here (received). Out come the times (Map) and one
// bound for all of them (Slack), which package harness keeps as a Clock.
//
// The rule is Cristian's (Probabilistic Clock Synchronization, 1989), which NTP uses too: the remote clock was read between sent and received,
// so that what must be added to it is between sent-remote and received-remote, however the delay is divided. Such intervals are intersected, as
// Marzullo does (1984), each wider by what the clocks may drift apart in the time between. What a record is off follows from probes before it
// and, by itself, from probes after it; both count, so that a jump too small to be noticed is within the bound. A record without
// either is not comparable, and an intersection that is empty says that a clock jumped: then none is.
//
// Nothing here invents an order: whatever a clock does, Map never changes the order of its own times, and Slack only grows with what is not known.
//
// A newcomer starts at New. A Skew is a clock that is wrong on purpose, for tests.
package clock
