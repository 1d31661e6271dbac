package main

// Limits of the shell, set by a shell around the real program.

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets/local"
)

// under runs lastseat in a shell after some of its commands.
func under(t *testing.T, shell string, args ...string) *process {
	t.Helper()
	p := prepare(t, "", args...)
	words := append([]string{"sh", "-c", shell + ` && exec "$@"`, "sh"}, p.cmd.Args...)
	path, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	p.cmd.Path, p.cmd.Args, p.cmd.Err = path, words, nil
	p.start()
	return p
}

// runs waits for a run that ends in order, whatever its verdicts are: it is short.
func (p *process) runs() {
	p.t.Helper()
	_ = p.cmd.Wait() // the exit code says the same
	if code := p.cmd.ProcessState.ExitCode(); code != suite.ExitAsExpected && code != suite.ExitInconclusive {
		p.t.Errorf("exit code %d", code)
	}
	if said := p.stdout.String(); strings.Contains(said, "error:") {
		p.t.Errorf("a row has failed: %s", said)
	}
}

// TestLimits: where the shell's limits would end a run in the middle, one sentence says so before it begins.
func TestLimits(t *testing.T) {
	run := quick("--target", "memory,sqlite", "--strategy", "mutex,for-update")
	for _, c := range []struct {
		shell, says string
		args        []string
	}{
		{"ulimit -n 30", "the limit on open files is too low: ulimit -n is 30, and lastseat needs 256 or more; raise it with ulimit -n 256", run},
		{"ulimit -v 1900000", "the limit on address space is too low: ulimit -v is 1900000, and lastseat needs 2097152 or more; raise it with ulimit -v unlimited", run},
		{"ulimit -v 2000000", "raise it with ulimit -v unlimited", []string{"list", "targets"}},
	} {
		p := under(t, c.shell, c.args...).exits(suite.ExitSetup, c.says)
		if said := strings.TrimSpace(p.stderr.String()); strings.Contains(said, "\n") || p.stdout.Len() > 0 {
			t.Errorf("%s: not one sentence: %s%s", c.shell, said, &p.stdout)
		}
	}
	for _, enough := range []string{"ulimit -S -n 30" /* which may be raised */, "ulimit -v 2097152", "ulimit -n 256"} {
		under(t, enough, run...).runs()
	}
}

// TestTooFewFiles: more connections than files is refused before a row runs.
func TestTooFewFiles(t *testing.T) {
	onServers(t, func(t *testing.T, e string, s *local.Server) {
		args := quick("--target", e, "--dsn", s.DSN(), "-c", "64", "--strategy", "for-update")
		under(t, "ulimit -n 300", args...).exits(suite.ExitSetup, "the limit on open files is too low: it allows 300, and 64 connections to",
			"need up to 320; raise it with ulimit -n 320")
		under(t, "ulimit -n 320", args...).runs()
		if left := leftovers(t, connect(t, s), e); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
