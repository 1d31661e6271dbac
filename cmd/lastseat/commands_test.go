package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/suite"
)

// lastLine runs a command line, and answers its exit code and the last line of what it printed.
func lastLine(t *testing.T, args ...string) (code int, line string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(args, &stdout, &stderr)
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	t.Logf("%q: exit code %d\n%s%s", args, code, stdout.String(), stderr.String())
	return code, lines[len(lines)-1]
}

// TestDecide: where rows stay undecided, the last line is a command, ready for a shell, that runs those rows alone and decides them; and a
// run that decides all of its rows ends with none.
func TestDecide(t *testing.T) {
	code, line := lastLine(t, "run", "--target", "memory", "--workload", "seats,transfer", "--strategy", "naive,mutex,striped",
		"-c", "8", "-n", "3", "--min-trials", "20", "--only", "seats:memory/naive,mutex,seats:striped", "--random-seed", "7")
	if code != suite.ExitInconclusive || !strings.HasPrefix(line, "lastseat run ") {
		t.Fatalf("exit code %d, last line %q", code, line)
	}
	sh := exec.Command("sh", "-c", "set -- "+strings.TrimPrefix(line, "lastseat ")+`; printf '%s\0' "$@"`)
	out, err := sh.Output()
	if err != nil {
		t.Fatalf("a shell does not take %s: %v", line, err)
	}
	args := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	for _, has := range []string{"--only", "seats:memory/naive,seats:memory/mutex,seats:memory/striped,transfer:memory/mutex", "--min-trials=20", "seats,transfer"} {
		if !slices.Contains(args, has) {
			t.Errorf("%q is not in %s", has, line)
		}
	}
	if strings.Contains(line, "--ops") || !strings.Contains(line, "--budget ") {
		t.Errorf("it gives rows no more time: %s", line)
	}
	args[slices.Index(args, "--budget")+1] = "8s" // this test's rows need no more
	if code, line := lastLine(t, args...); code != suite.ExitAsExpected || strings.HasPrefix(line, "lastseat ") {
		t.Errorf("the command ends with exit code %d, last line %q", code, line)
	}
}

// TestDecideHidesDSN: the command that decides names a target's DSN by a variable.
func TestDecideHidesDSN(t *testing.T) {
	dsn := t.TempDir() + "/secret.db"
	_, line := lastLine(t, "run", "--target", "sqlite-shop="+dsn, "--workload", "seats", "--strategy", "atomic", "-n", "1")
	if !strings.Contains(line, ` --target sqlite-shop="$_SQLITE_SHOP_DSN" `) || strings.Contains(line, "secret.db") {
		t.Errorf("last line %q", line)
	}
}
