//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lastseat/lastseat/harness/suite"
)

// terminalPair is a pseudo-terminal of so many columns: what is written to the second comes out of the first.
func terminalPair(t *testing.T, columns uint16) (outer, inner *os.File) {
	t.Helper()
	outer, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { _ = outer.Close() })
	fd := int(outer.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if inner, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	resize(t, outer, columns)
	return outer, inner
}

func resize(t *testing.T, terminal *os.File, columns uint16) {
	t.Helper()
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
}

// TestRunIsWatched: on a terminal a run shows what it does now, as wide as the terminal is by then, and takes it away in the end.
func TestRunIsWatched(t *testing.T) {
	t.Setenv("TERM", "xterm")
	outer, inner := terminalPair(t, 100)
	var seen bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); _, _ = io.Copy(&seen, outer) }()
	narrower := time.AfterFunc(700*time.Millisecond, func() { resize(t, outer, 50) })
	defer narrower.Stop()
	var stdout bytes.Buffer
	// The rate keeps it below the operations whose memory is worth a word that stays.
	if code := Main(strings.Fields("run --target memory --workload seats --strategy mutex -d 1500ms --rate 20000"), &stdout, inner); !decidedOrNot(code) {
		t.Errorf("exit code %d: %s", code, &stdout)
	}
	_ = inner.Close()
	<-read // the terminal is gone: the reader ends
	text := seen.String()
	if !regexp.MustCompile(`row 1 of 2: seats on memory/naive · .* operations`).MatchString(text) || !strings.Contains(text, "row 2 of 2: seats on memory/mutex") || !strings.Contains(text, " ok/s · p50 ") || !strings.Contains(text, " left") {
		t.Errorf("it shows %q", text)
	}
	if !strings.HasSuffix(text, "\r\x1b[2A\x1b[J") && !strings.HasSuffix(text, "\r\x1b[1A\x1b[J") {
		t.Errorf("in the end, %q is not taken away", text[max(len(text)-100, 0):])
	}
	if last := text[strings.LastIndex(text, "row 2 of 2"):]; strings.Index(last, "\x1b[K") > 49+strings.Count(last[:50], "·") {
		t.Errorf("a line is wider than the terminal: %q", last)
	}
	if strings.Contains(stdout.String(), "ok/s ·") {
		t.Errorf("progress is among the result: %s", &stdout)
	}
}

// TestExploringIsWatched: lines of the result stand above what is updated, which leaves nothing; and histories are watched while they are read.
func TestExploringIsWatched(t *testing.T) {
	t.Setenv("TERM", "xterm")
	history := filepath.Join(t.TempDir(), "history")
	var recorded bytes.Buffer
	if code := Main([]string{"run", "--target", "memory", "--workload", "seats", "--strategy", "mutex", "-n", "3000", "--min-trials", "10", "--out", history, "--quiet"}, &recorded, &recorded); code != 0 {
		t.Fatal(code, recorded.String())
	}
	files, err := filepath.Glob(filepath.Join(history, "histories", "*mutex*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, c := range []struct{ command, shows, result string }{
		{"explore --target memory --strategy naive,mutex", `1 of 2: seats on memory/naive`, "memory/naive"},
		{"explore --target sqlite --strategy naive-tx", `seats on sqlite/naive-tx@serializable · .* schedules\S*\r?\n  .* schedules/s`, "sqlite/naive-tx"},
		{"check --min-trials 10 " + files[0], `reading \S+ · .* of .*%`, "safe"},
	} {
		outer, inner := terminalPair(t, 200)
		var seen bytes.Buffer
		read := make(chan struct{})
		go func() { defer close(read); _, _ = io.Copy(&seen, outer) }()
		if code := Main(strings.Fields(c.command), inner, inner); code != 0 {
			t.Errorf("%s: exit code %d", c.command, code)
		}
		_ = inner.Close()
		<-read
		text := regexp.MustCompile("\x1b\\[K").ReplaceAllString(seen.String(), "")
		if !regexp.MustCompile(c.shows).MatchString(text) || !strings.Contains(text, c.result) {
			t.Errorf("%s shows %q", c.command, text)
		}
	}
}

// decidedOrNot: rows this short are inconclusive on a busy machine.
func decidedOrNot(code int) bool {
	return code == suite.ExitAsExpected || code == suite.ExitInconclusive
}

// TestQuiet: nothing but the result.
func TestQuiet(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := Main(strings.Fields("run --target memory --workload seats --strategy mutex -d 300ms --progress 100ms --quiet"), &stdout, &stderr); !decidedOrNot(code) || stderr.Len() > 0 {
		t.Errorf("exit code %d, %q", code, &stderr)
	}
	stderr.Reset()
	if code := Main(strings.Fields("run --target memory --workload seats --strategy mutex -d 300ms --progress 100ms"), &stdout, &stderr); !decidedOrNot(code) || strings.Count(stderr.String(), "ok/s") < 2 {
		t.Errorf("exit code %d, %q", code, &stderr)
	}
}
