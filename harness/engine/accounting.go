package engine

import (
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/stats"
)

// Accounting counts what clients did, in pgbench's terms. Attempts are counted on every path, those of operations that
// failed in the end included.
type Accounting struct {
	Outcomes  [harness.Outcomes]int64  // operations by outcome
	Attempts  int64                    // tries, over all operations
	Retried   int64                    // operations that took more than one attempt
	Exhausted int64                    // operations that failed because MaxTries attempts ended in a conflict
	Down      int64                    // operations that failed because a Call's service was down
	Ambiguous int64                    // attempts whose fate was unknown when they ended, also where another one settled it
	Conflicts [harness.Conflicts]int64 // attempts that ended in a conflict, by kind

	Queued  time.Duration // waiting for a connection, summed over clients
	Waited  time.Duration // waiting for locks, summed over clients
	Backoff time.Duration // pausing before another attempt, summed over clients

	Latency [harness.Outcomes]stats.Histogram // of whole operations, retries included, by outcome; from when they were due

	// Of a row whose clients share fewer connections to a server (store.Pooled). Both are of ok and rejected operations, and of all their attempts:
	Queue  stats.Histogram // waiting for a connection
	Served stats.Histogram // the rest of the time since the client began it: the server's, and pauses between attempts

	// Of an open loop:
	Lag     stats.Histogram // by how much operations were begun, or skipped, later than they were due
	Skipped int64           // operations not begun because they were more than Config.LatencyLimit late
	Dropped int64           // operations that were due before the row ended and that no client was free to begin
}

// Scheduled is how many operations of an open loop were due; 0 in a closed one.
func (a *Accounting) Scheduled() int64 { return a.Lag.Count() + a.Dropped }

// Processed is the number of operations that were answered.
func (a *Accounting) Processed() int64 {
	var n int64
	for _, c := range a.Outcomes {
		n += c
	}
	return n
}

// AllConflicts is the number of attempts that a conflict ended.
func (a *Accounting) AllConflicts() int64 {
	var n int64
	for _, c := range a.Conflicts[harness.NoConflict+1:] {
		n += c
	}
	return n
}

// ConflictRate is the share of attempts that a conflict ended. Waiting for a lock is not a conflict.
func (a *Accounting) ConflictRate() float64 { return ratio(a.AllConflicts(), a.Attempts) }

// TriesPerOp is the mean number of attempts an operation took.
func (a *Accounting) TriesPerOp() float64 { return ratio(a.Attempts, a.Processed()) }

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (a *Accounting) merge(b *Accounting) {
	for i := range a.Outcomes {
		a.Outcomes[i] += b.Outcomes[i]
		a.Latency[i].Merge(&b.Latency[i])
	}
	for i := range a.Conflicts {
		a.Conflicts[i] += b.Conflicts[i]
	}
	a.Attempts += b.Attempts
	a.Retried += b.Retried
	a.Exhausted += b.Exhausted
	a.Queue.Merge(&b.Queue)
	a.Served.Merge(&b.Served)
	a.Lag.Merge(&b.Lag)
	a.Skipped += b.Skipped
	a.Dropped += b.Dropped
	a.Down += b.Down
	a.Ambiguous += b.Ambiguous
	a.Queued += b.Queued
	a.Waited += b.Waited
	a.Backoff += b.Backoff
}
