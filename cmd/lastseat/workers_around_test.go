//go:build linux

package main

// Rows on workers with something around the store: caches, replicas, retries, faults.

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/fleet"
	"github.com/lastseat/lastseat/harness/suite"
)

// notAccused is safe, or undecided where the machine had too little time for it.
const notAccused = "not accused"

// verdictsOnWorkers runs rows on workers, and holds what they come to, by what is around their store. All workers take part in each.
func verdictsOnWorkers(t *testing.T, want map[string]string, args ...string) workersResult {
	t.Helper()
	file := filepath.Join(t.TempDir(), "result.json")
	all := slices.Concat([]string{"run", "--target", "postgres", "--workload", "seats", "--min-trials", "50", "--quiet", "--json", file}, args)
	p := begin(t, "", all...)
	_ = p.cmd.Wait() // the exit code is looked at once it is known whether it depends on the time that there was
	r := readWorkers(t, file)
	code := suite.ExitAsExpected
	for key, verdict := range want {
		row := r.around(t, key)
		if verdict == notAccused && row.Verdict == "inconclusive" {
			verdict, code = row.Verdict, suite.ExitInconclusive
		} else if verdict == notAccused {
			verdict = "safe"
		}
		if row.Verdict != verdict || row.Error != "" {
			t.Errorf("%s: %+v, want %s", key, row, verdict)
		}
		for _, w := range row.Workers {
			if w.Processed == 0 || w.Lost != "" {
				t.Errorf("%s: %+v", key, w)
			}
		}
	}
	p.exits(code, "Clients were in")
	return r
}

// around is the row whose strategy, environment and fault are these: naive-tx+cache!pause.
func (r *workersResult) around(t *testing.T, key string) workersRow {
	t.Helper()
	for _, row := range r.Rows {
		name := row.Strategy
		if row.Env != "" {
			name += "+" + row.Env
		}
		if row.Fault != "" {
			name += "!" + row.Fault
		}
		if name == key {
			return row
		}
	}
	t.Fatalf("there is no row %s: %+v", key, r.Rows)
	return workersRow{}
}

// TestWorkersWithCaches: under a lock that all share, a cache of each process's own serves what others have changed since; the only process
// misses nothing, and a write that checks again mends it.
func TestWorkersWithCaches(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	more := []string{"--dsn", s.dsn, "--servers-as", "processes", "--reads-from", "cache", "-c", "9", "-n", "3000"}
	verdictsOnWorkers(t, map[string]string{"naive-tx+cache+db-lock": "unsafe", "optimistic+cache+db-lock": "safe"},
		append(more, "--servers", "3", "--strategy", "naive-tx,optimistic", "--lock", "db-lock")...)
	verdictsOnWorkers(t, map[string]string{"naive-tx+cache+db-lock+1-servers": "safe"},
		append(more, "--servers", "1", "--strategy", "naive-tx", "--lock", "db-lock")...)
}

// TestWorkersTryAgain: what is wrong about trying again is caught over several processes, and a request id protects.
func TestWorkersTryAgain(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	verdictsOnWorkers(t, map[string]string{"for-update+retry-blind!cut-after-commit": "unsafe", "for-update+idempotency-key!cut-after-commit": "safe"},
		"--dsn", s.dsn, "--workers", "2", "--strategy", "for-update", "--retry", "retry-blind,idempotency-key", "--fault", "cut-after-commit", "-c", "8", "-n", "2000")
	verdictsOnWorkers(t, map[string]string{"naive-tx+retry-stale": "unsafe", "naive-tx+swallow-conflict": "unsafe"},
		"--dsn", s.dsn, "--workers", "2", "--strategy", "naive-tx", "--isolation", "ser", "--retry", "retry-stale,swallow-conflict", "-c", "8", "-n", "2000")
}

// TestWorkersReadFromAReplica: the coordinator starts it, workers read there; what it does not show yet is caught, and a read that waits for it
// under a lock is safe.
func TestWorkersReadFromAReplica(t *testing.T) {
	t.Parallel()
	program(t, "postgres")
	verdictsOnWorkers(t, map[string]string{"naive-tx+replica+db-lock+2-servers": "unsafe", "naive-tx+replica-lsn+db-lock+2-servers": "safe"},
		"--workers", "2", "--strategy", "naive-tx", "--reads-from", "replica,replica-lsn", "--lock", "db-lock", "-c", "8", "-n", "1500")
}

// TestWorkersMeetFaults: those of the server strike from the coordinator, those of connections and clients in each worker, and all are told of.
// What is safe is not accused.
func TestWorkersMeetFaults(t *testing.T) {
	t.Parallel()
	program(t, "postgres")
	want := map[string]string{}
	made := map[string]string{
		"kill-server": "kills", "drop-connection": "dropped", "cut-after-commit": "cuts", "partition": "partitions", "pause": "pauses", "delay": "delay",
		"crash-holder": "crashes",
	}
	var faults []string
	for f := range made {
		want["for-update!"+f], faults = notAccused, append(faults, f)
	}
	r := verdictsOnWorkers(t, want, "--workers", "2", "--strategy", "for-update", "--fault", strings.Join(faults, ","), "-c", "8", "-d", "4s")
	for f, figure := range made {
		row := r.around(t, "for-update!"+f)
		if len(row.Figures) != 1 || row.Figures[0].Name != figure || row.Figures[0].Value < 1 {
			t.Errorf("%s: figures %+v", f, row.Figures)
		}
		if f != "crash-holder" && len(row.Faults) == 0 {
			t.Errorf("%s: it is not said when", f)
		}
	}
}

// TestWorkersLoseWhatWasAcknowledged: a server that acknowledges what is not on its disk, or not on its standby, and dies, is caught by clients
// in other processes, which follow the standby that takes over.
func TestWorkersLoseWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	program(t, "postgres")
	verdictsOnWorkers(t, map[string]string{"for-update!failover": "unsafe"},
		"--workers", "2", "--strategy", "for-update", "--fault", "failover", "-c", "8", "--budget", "2m")
	verdictsOnWorkers(t, map[string]string{"for-update!failover-sync": notAccused},
		"--workers", "2", "--strategy", "for-update", "--fault", "failover-sync", "-c", "8", "-d", "4s")
	verdictsOnWorkers(t, map[string]string{"for-update+synchronous_commit=off!kill-server": "unsafe"},
		"--workers", "2", "--strategy", "for-update", "--durability", "synchronous_commit=off", "--fault", "kill-server", "-c", "8", "--budget", "2m")
}

// TestWorkersAreSkipped: what cannot be on workers says why, in one sentence.
func TestWorkersAreSkipped(t *testing.T) {
	t.Parallel()
	s := newOwn(t, "postgres")
	run := func(says, workload string, args ...string) {
		t.Helper()
		all := slices.Concat([]string{"run", "--workers", "1", "--target", "postgres", "--dsn", s.dsn, "--workload", workload, "--strategy", "naive-tx", "-c", "4", "-n", "100", "--quiet"}, args)
		begin(t, "", all...).exits(suite.ExitInconclusive, says)
	}
	run("the payment service keeps its book in the process that asks it: run it without --workers", "checkout", "--payment", "call-before")
	run("knows of clients in its own process alone: run it without --workers", "seats", "--lock", "process-mutex", "--fault", "kill-lock-server")
	nats, err := fleet.Embed("", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer nats.Close()
	begin(t, "", "worker", "--join", nats.Access.URL)
	run("it stops whole processes, and lastseat stops only those that it started", "seats", "--nats", nats.Access.URL, "--lock", "db-lock", "--fault", "pause-holder")
	program(t, "etcd")
	run("its locks live for", "seats", "--lock", "etcd", "--fault", "pause-holder")
	zookeeper := mortal(t, "zookeeper")
	run("is yours, and may keep a session for longer", "seats", "--lock", "zookeeper", "--zookeeper", "zookeeper://lastseat:"+zookeeper.Password()+"@"+zookeeper.Address(), "--fault", "pause-holder")
}
