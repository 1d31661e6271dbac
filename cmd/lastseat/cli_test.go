package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lastseat/lastseat/harness/suite"
)

// TestMain makes this test binary also the program: `lastseat` on PATH is a process of its own that runs Main.
func TestMain(m *testing.M) {
	testscript.Main(stopping{m}, map[string]func(){"lastseat": main})
}

// stopping stops the servers that the tests shared once all have run.
type stopping struct{ m *testing.M }

func (s stopping) Run() int {
	if signal.Ignored(syscall.SIGHUP) { // under nohup: the programs that tests start shall take it as usual
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	code := s.m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// TestScripts runs testdata/script, one file a subject. The user's own servers are not for tests.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "json": validJSON, "halve": halve},
	})
}

// exits CODE PROGRAM ARG… runs a program, which must end with just that code. An error is one line that begins "lastseat: ".
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if stderr := ts.ReadFile("stderr"); got == suite.ExitSetup {
		if lines := strings.Split(strings.TrimSpace(stderr), "\n"); !strings.HasPrefix(lines[len(lines)-1], "lastseat: ") {
			ts.Fatalf("the error is not one line that begins with lastseat: %q", stderr)
		}
	}
}

// validJSON FILE [VERSION] fails unless the file, or stdout, is one JSON value of the version that docs/json.md describes for it: a
// run's, unless another is named.
func validJSON(ts *testscript.TestScript, _ bool, args []string) {
	var result struct{ Version int }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &result))
	want := suite.Version
	if len(args) > 1 {
		var err error
		want, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	if result.Version != want {
		ts.Fatalf("%s has version %d, want %d", args[0], result.Version, want)
	}
}

// halve FILE cuts a file in the middle.
func halve(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()/2))
}
