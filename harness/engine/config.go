package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
)

// Config says how a row is run. Start from DefaultConfig.
type Config struct {
	Concurrency int           // clients, at least 1
	Ops         int64         // operations in all, across clients; 0: no bound
	Duration    time.Duration // run for just this long; 0: until decided, or Budget
	Budget      time.Duration // without Duration and Ops: run at most this long
	Reserve     time.Duration // … and this much longer while undecided
	Warmup      time.Duration // load before the row begins, judged and left out of the figures
	Rate        float64       // operations a second that are due, over all clients (open loop); 0: each when its client is free
	Arrivals    Arrivals      // with Rate: how they are spaced; empty: Poisson
	// LatencyLimit, with Rate: an operation that would begin later than this after it was due is skipped; 0: none is.
	LatencyLimit time.Duration
	Burst        bool          // all clients begin each operation at the same moment
	MaxTries     int           // attempts at an operation before it counts as failed, at least 1
	Timeout      time.Duration // of one attempt at a target outside this process; 0: none
	Seed         uint64        // of all random choices
	Counts       bool          // count operations instead of recording them
	MinTrials    int64         // trials a green needs, at least 1
	MaxRecorded  int64         // operations that are recorded at most: the row ends with them; 0: as many as half of the free memory holds, or the disk
	// SpoolAfter is how many bytes of a row's history are kept in memory; what comes after lies in a file in TMPDIR, or /var/tmp; 0: all
	// is kept in memory. Rows that are judged by isolation models stay in memory.
	SpoolAfter int64

	// Progress, if set, is called a few times a second while the row runs.
	Progress func(Progress) `json:"-"`
	// Checkpoint, if set, is called with the history so far whenever the clients pause, at least every CheckpointEvery.
	Checkpoint      func(*harness.History) error `json:"-"`
	CheckpointEvery time.Duration

	nap func(time.Duration) // how an open loop waits out the last moment; nil: sleepExactly, which no simulated clock can hold
}

// Progress is what a running row has done so far.
type Progress struct {
	Label     harness.Label
	Elapsed   time.Duration
	Limit     time.Duration // how long it may take; 0 if only Ops bounds it
	Processed int64
	Ops       int64         // how many operations it is to do; 0: as many as it comes to
	Conflicts int64         // attempts that a conflict ended
	Found     int64         // violations, where the row was judged between rounds
	Rate      float64       // ok operations a second, in the last second
	P50, P99  time.Duration // of ok operations of the last second, to an eighth
	Rates     []float64     // ok operations a second, over the time of the row
}

// DefaultConfig is 64 clients until decided or 2 s, 20 tries, 10 s an attempt, 1,000 trials, and 256 MB of history in memory.
func DefaultConfig() Config {
	return Config{
		Concurrency: 64, Budget: 2 * time.Second, MaxTries: 20, Timeout: 10 * time.Second, MinTrials: 1000,
		CheckpointEvery: 5 * time.Second, SpoolAfter: 256 << 20,
	}
}

// maxRate is far more than any target takes, and little enough to count what was dropped.
const maxRate = 10_000_000

// ErrConfig is what Validate's errors match.
var ErrConfig = errors.New("invalid configuration")

// Validate says what is wrong with the configuration.
func (c *Config) Validate() error {
	bad := func(field string, got any, want string) error {
		return fmt.Errorf("%w: %s is %v, must be %s", ErrConfig, field, got, want)
	}
	switch {
	case c.Concurrency < 1:
		return bad("concurrency", c.Concurrency, "at least 1")
	case c.Concurrency > 1<<16:
		return bad("concurrency", c.Concurrency, "at most 65536")
	case c.Ops < 0:
		return bad("ops", c.Ops, "0 or more")
	case c.Duration < 0:
		return bad("duration", c.Duration, "0 or more")
	case c.Duration == 0 && c.Ops == 0 && c.Budget <= 0:
		return bad("budget", c.Budget, "more than 0 where neither duration nor ops is given")
	case c.Warmup < 0:
		return bad("warmup", c.Warmup, "0 or more")
	case !(c.Rate >= 0 && c.Rate <= maxRate):
		return bad("rate", c.Rate, fmt.Sprintf("between 0 and %d a second", maxRate))
	case c.Arrivals != "" && c.Arrivals != Poisson && c.Arrivals != Uniform:
		return bad("arrivals", c.Arrivals, "poisson or uniform")
	case c.LatencyLimit < 0:
		return bad("latency-limit", c.LatencyLimit, "0 or more")
	case c.LatencyLimit > 0 && c.Rate == 0:
		return bad("latency-limit", c.LatencyLimit, "given together with a rate")
	case c.Burst && c.Rate > 0:
		return bad("burst", c.Burst, "given without a rate")
	case c.MaxTries < 1 || c.MaxTries > 1<<15:
		return bad("max-tries", c.MaxTries, "between 1 and 32768")
	case c.Timeout < 0:
		return bad("timeout", c.Timeout, "0 or more")
	case c.MinTrials < 1:
		return bad("min-trials", c.MinTrials, "at least 1")
	case c.MaxRecorded < 0:
		return bad("max-recorded", c.MaxRecorded, "0 or more")
	case c.SpoolAfter < 0:
		return bad("spool-after", c.SpoolAfter, "0 or more")
	}
	return nil
}

// fixed reports whether the row's length is given rather than found out.
func (c *Config) fixed() bool { return c.Duration > 0 || c.Ops > 0 }
