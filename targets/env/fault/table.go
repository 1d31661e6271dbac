package fault

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/check"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// progress is the check that comes with clients that die: others get on.
func progress(harness.Workload) []harness.Checker { return []harness.Checker{check.Progress()} }

// Table holds the faults of stores and of clients, in the order in which they are shown.
func Table() []store.Component {
	return []store.Component{
		{
			Name:      "kill-server",
			Endangers: promise.HazardSet(promise.Partial, promise.LostAck, promise.DualWrite),
			Explain:   "the store's server is killed (kill -9) about once a second, and started again on what is left",
			Traits:    store.Traits{Kills: true}, Open: openKillServer,
		},
		{
			Name:      "failover",
			Endangers: promise.HazardSet(promise.Partial, promise.LostAck, promise.DualWrite),
			Explain:   "the server's standby is cut off, the server killed (kill -9) a moment later, and the standby takes over: what it does not have is lost",
			Traits:    store.Traits{Kills: true}, Open: openFailover(false),
		},
		{
			Name:      "failover-sync",
			Endangers: promise.HazardSet(promise.Partial, promise.DualWrite),
			Explain:   "the same, where each commit is acknowledged once the standby has it (synchronous replication)",
			Traits:    store.Traits{Kills: true}, Open: openFailover(true),
		},
		{
			Name:      "drop-connection",
			Endangers: promise.HazardSet(promise.Partial, promise.Duplicate, promise.DualWrite),
			Explain:   "some of the clients' connections break at random moments, on both sides at once",
			Traits:    store.Traits{Severs: true}, Open: openConnFault(dropFigure(), dropConnection),
		},
		{
			Name:      "cut-after-commit",
			Endangers: promise.HazardSet(promise.Duplicate, promise.DualWrite),
			Explain:   "one in 20 commits reaches the server, and its answer never comes back: the connection breaks instead",
			Traits:    store.Traits{Severs: true, Answered: true}, Open: openCutAfterCommit,
		},
		{
			Name:    "delay",
			Explain: "every message takes longer on its way, in both directions",
			Open:    openConnFault(delayFigure(), delay),
		},
		{
			Name:      "partition",
			Endangers: promise.HazardSet(promise.Partial, promise.Duplicate, promise.DualWrite),
			Explain:   "about once a second nothing gets through for 300 ms; then all connections are gone, with what was on its way",
			Traits:    store.Traits{Severs: true}, Open: openConnFault(partitionFigure(), partition),
		},
		{
			Name:    "pause",
			Explain: "now and then the server stands still for 200 ms, and then goes on",
			Open:    openConnFault(pauseFigure(), pause),
		},
		{
			Name:      "pause-holder",
			Endangers: promise.HazardSet(promise.Unlocked),
			Explain:   "now and then a client stops between its last read and its first write, with whatever locks it holds: for 80 ms, or for seconds where a lock cannot be made to live shorter",
			Traits:    store.Traits{Pause: holderPause}, Open: openPauseHolder,
		},
		{
			Name:      "crash-holder",
			Endangers: promise.HazardSet(promise.Partial, promise.Stuck, promise.DualWrite),
			Explain:   "now and then a client dies between its last read and its first write, and gives nothing back",
			Traits:    store.Traits{Crashes: true}, Open: openCrashHolder, Checks: progress,
		},
		{
			Name:      "kill-lock-server",
			Endangers: promise.HazardSet(promise.Unlocked),
			Explain:   "a server that keeps the locks is killed (kill -9) about once a second, and started again",
			Traits:    store.Traits{Unlocks: true}, Open: openKillLockServer,
			OneProcess: "kill-lock-server strikes when a client is in the middle of its work under a lock, which it knows of clients in its own process alone",
		},
	}
}
