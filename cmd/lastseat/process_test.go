package main

// The real program in a process of its own.

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
)

// process is the program under test while it runs.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

// begin starts lastseat. Its throwaway servers come to lie in the folder temp, if one is given. The user's own servers are not
// for tests.
func begin(t *testing.T, temp string, args ...string) *process {
	t.Helper()
	p := prepare(t, temp, args...)
	p.start()
	return p
}

// prepare is begin without the start.
func prepare(t *testing.T, temp string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("lastseat", args...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Env = environment()
	if temp != "" {
		p.cmd.Env = append(p.cmd.Env, "TMPDIR="+temp)
	}
	return p
}

// environment is the tests' own, without the user's servers. Which programs there are, it still says.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return strings.HasPrefix(name, "LASTSEAT_") && strings.HasSuffix(name, "_DSN")
	})
}

func (p *process) start() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has ended, unless the test failed
		_ = p.cmd.Wait()
		if p.t.Failed() {
			p.t.Logf("standard error:\n%s\nstandard output:\n%s", &p.stderr, &p.stdout)
		}
	})
}

// exits waits for the program's end and checks its exit code, and that it says what it should, without the password.
func (p *process) exits(code int, says ...string) *process {
	p.t.Helper()
	_ = p.cmd.Wait() // the exit code says the same
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
	all := p.stderr.String() + p.stdout.String()
	flat := strings.Join(strings.Fields(all), " ") // the table wraps its lines
	for _, s := range says {
		if !strings.Contains(flat, s) {
			p.t.Errorf("it does not say %q", s)
		}
	}
	for _, secret := range secrets() {
		if strings.Contains(all, secret) {
			p.t.Error("it repeats a password")
		}
	}
	return p
}

// refuses runs lastseat, which must end with exit code 2 and one line: "lastseat: ", then all that it should say.
func refuses(t *testing.T, says []string, args ...string) {
	t.Helper()
	p := begin(t, "", append([]string{"run"}, args...)...).exits(suite.ExitSetup, says...)
	if msg := strings.TrimSpace(p.stderr.String()); !strings.HasPrefix(msg, "lastseat: ") || strings.Contains(msg, "\n") {
		t.Errorf("not one line that begins with lastseat: %q", msg)
	}
}

// quick is a run short enough for a test that is about something else.
func quick(more ...string) []string {
	return append([]string{"run", "--workload", "seats", "-c", "16", "-n", "2000"}, more...)
}

// until waits for a condition, as long as a busy machine may take.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// busy waits until a run's clients have done something on the server.
func busy(t *testing.T, db console, e string) {
	t.Helper()
	until(t, "clients at work", func() bool {
		names := leftovers(t, db, e)
		if len(names) == 0 {
			return false
		}
		rows, err := db(fmt.Sprintf("SELECT CONCAT(op) FROM %s.orders LIMIT 100", names[0])) // an error: not there yet
		return err == nil && len(rows) == 100
	})
}
