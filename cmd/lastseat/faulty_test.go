package main

// What lastseat itself does under the faults that it makes: it ends, leaves nothing behind, and its histories can be read.

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// TestFaultsLeaveNothing: after runs whose servers, locks and connections were broken again and again, there is no process and no
// folder left, and each history is judged as its row was.
func TestFaultsLeaveNothing(t *testing.T) {
	t.Parallel()
	program(t, "postgres")
	program(t, "redis")
	temp, out := tempFolder(t), filepath.Join(t.TempDir(), "out")
	p := begin(t, temp, "run", "--target", "postgres", "-c", "8", "--min-trials", "50", "--out", out, "--workload", "seats", "--strategy", "for-update",
		"--lock", "none,redis-aof", "--fault", "kill-server,partition", "--budget", "16s")
	ends(p, suite.ExitAsExpected, suite.ExitInconclusive) // on a busy machine there may be too little evidence
	p.exits(p.cmd.ProcessState.ExitCode(), "faults server killed,")
	if !empty(temp) {
		t.Error("its temporary folder is not empty")
	}
	files, err := filepath.Glob(filepath.Join(out, "histories", "*for-update*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d histories: %v", len(files), err)
	}
	check := begin(t, "", append([]string{"check", "--min-trials", "50"}, files...)...)
	ends(check, suite.ExitAsExpected, suite.ExitInconclusive)
	check.exits(check.cmd.ProcessState.ExitCode(), "faults: server killed,", "faults: ")
}

// wasKilled reports whether a PostgreSQL has come back from a crash.
func wasKilled(log string) bool {
	content, err := os.ReadFile(log)
	return err == nil && bytes.Contains(content, []byte("was interrupted"))
}

// TestInterruptBrokenServer: Ctrl-C while servers are killed and started again leaves none of them.
func TestInterruptBrokenServer(t *testing.T) {
	t.Parallel()
	program(t, "postgres")
	temp := tempFolder(t)
	file := filepath.Join(t.TempDir(), "result.json")
	p := begin(t, temp, "run", "--target", "postgres", "-c", "8", "-d", "10m", "--workload", "seats", "--strategy", "unique-slot",
		"--fault", "kill-server", "--json", file)
	until(t, "the row under way", func() bool {
		pids, _ := filepath.Glob(filepath.Join(temp, "lastseat-postgres-*", "data", "postmaster.pid"))
		log, _ := filepath.Glob(filepath.Join(temp, "lastseat-postgres-*", "log"))
		return len(pids) > 0 && len(log) > 0 && wasKilled(log[0])
	})
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.exits(suite.ExitInterrupted, "INTERRUPTED")
	if !empty(temp) {
		t.Error("its temporary folder is not empty")
	}
}
