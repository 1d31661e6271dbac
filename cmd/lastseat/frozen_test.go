package main

// Servers whose processes are all stopped: nothing answers, and nothing is refused.

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// freeze stops a server and all that it has started, and lets them go on when the test ends.
func freeze(t *testing.T, s *local.Server) {
	t.Helper()
	all := family(t, s.PID())
	for _, pid := range all {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Logf("stop %d: %v", pid, err) // a session may have ended meanwhile
		}
	}
	t.Cleanup(func() {
		for _, pid := range all {
			_ = syscall.Kill(pid, syscall.SIGCONT) // as above
		}
	})
}

// family are a process and its children, by /proc.
func family(t *testing.T, pid int) []int {
	t.Helper()
	all := []int{pid}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("no /proc on this machine")
	}
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		after := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
		if len(after) > 1 && after[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, child)
		}
	}
	return all
}

// endsWithin waits for the program's end.
func (p *process) endsWithin(limit time.Duration) {
	p.t.Helper()
	late := time.AfterFunc(limit, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait() // the exit code says the same
	if !late.Stop() {
		p.t.Errorf("it had not ended after %v", limit)
	}
}

// atWork is a run of ten minutes on a server of the test's own, whose clients are busy.
func atWork(t *testing.T, e string) (*process, *local.Server) {
	t.Helper()
	s := mortal(t, e)
	p := begin(t, "", "run", "--target", e, "--dsn", s.DSN(), "--workload", "seats", "-d", "10m", "-c", "16",
		"--strategy", "for-update", "--timeout", "10m")
	busy(t, connect(t, s), e)
	return p, s
}

// TestFrozenInterrupt: Ctrl-C ends a run whose server is frozen, however long an attempt may take, and says what is left there.
func TestFrozenInterrupt(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			p, s := atWork(t, e)
			freeze(t, s)
			time.Sleep(300 * time.Millisecond) // clients and watcher wait for an answer by then; else they do so a little later
			if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			p.endsWithin(time.Minute)
			p.exits(suite.ExitSetup, "lastseat_", "is left", "when it answers, run lastseat clean --")
		})
	}
}

// TestSecondInterrupt: a second Ctrl-C ends at once a run that still waits for a frozen server.
func TestSecondInterrupt(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			p, s := atWork(t, e)
			freeze(t, s)
			for range 2 {
				if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
					t.Fatal(err)
				}
				time.Sleep(500 * time.Millisecond) // two that come at once are one to the system
			}
			p.endsWithin(time.Minute) // without the second, it ends by another code and says something else
			p.exits(suite.ExitInterrupted, "ended at once by the second interrupt")
		})
	}
}

// TestFrozen: without an interrupt, the time-outs end the run; rows of other targets run.
func TestFrozen(t *testing.T) {
	for _, e := range []string{"postgres", "mariadb"} {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			s := mortal(t, e)
			p := begin(t, "", "run", "--target", fmt.Sprintf("%s=%s,memory", e, s.DSN()), "--workload", "seats", "-n", "300000", "-c", "16",
				"--min-trials", "50", "--strategy", "naive-autocommit,for-update,naive,mutex", "--timeout", "1s")
			busy(t, connect(t, s), e)
			freeze(t, s)
			p.endsWithin(2 * time.Minute)
			p.exits(suite.ExitSetup, "server lost", "not run:", "mutex ✓ safe", "is left")
		})
	}
}
