package main

// Servers that misbehave: each ends the run in time, by one sentence.

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/hostile"
	"github.com/lastseat/lastseat/targets/local"
)

// hostileLimit is how long a run against a server that misbehaves may take. Its own time-outs end it long before.
const hostileLimit = 80 * time.Second

// atOnce is how many of them run at the same time: most of the time they wait.
const atOnce = 30

// hostileRun is a program under test before a server that misbehaves.
type hostileRun struct {
	mode   hostile.Mode
	later  bool // it misbehaves in mid-run
	engine string
	args   []string // the command's, without the target

	output string
	code   int
	took   time.Duration
	err    error
}

func (r *hostileRun) String() string {
	when := "set-up"
	if r.later {
		when = "mid-run"
	}
	return fmt.Sprintf("%s %s in %s of %s", r.engine, r.mode, when, r.args[0])
}

// TestHostileServers: every kind of misbehaving server, before PostgreSQL and MariaDB, in set-up and in mid-run.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	var runs []*hostileRun
	onServers(t, func(_ *testing.T, e string, _ *local.Server) {
		fire := []string{"run", "--workload", "seats", "--strategy", "for-update", "-c", "4", "--timeout", "1s", "--min-trials", "1"}
		for _, mode := range hostile.Modes() {
			for _, later := range []bool{false, true} {
				args := append(slices.Clone(fire), "-d", "10m") // the server ends it
				if lives(mode) || mode.Alters() {
					args = append(slices.Clone(fire), "-n", "200", "-d", "5s")
				}
				runs = append(runs, &hostileRun{mode: mode, engine: e, args: args, later: later})
			}
		}
		for _, mode := range []hostile.Mode{"silent", "freeze", "garbage"} {
			runs = append(runs, &hostileRun{mode: mode, engine: e, args: []string{"isolation", "--anomaly", "P4", "--timeout", "2s"}},
				&hostileRun{mode: mode, engine: e, later: true, args: []string{"explore", "--workload", "seats", "--strategy", "for-update", "--budget", "100000"}},
				&hostileRun{mode: mode, engine: e, args: []string{"replay", "../../harness/explore/schedule/anomalies/P4.schedule", "--timeout", "2s"}})
		}
	})
	if len(runs) == 0 {
		t.Skip("no server")
	}
	var wg sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for _, r := range runs {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			r.err = r.play()
		})
	}
	wg.Wait()
	for _, r := range runs {
		t.Run(r.String(), r.judge)
		t.Logf("%v: exit code %d after %v", r, r.code, r.took.Round(time.Millisecond))
	}
	for _, e := range []string{"postgres", "mariadb"} {
		if shared[e].server == nil {
			continue
		}
		for _, name := range leftovers(t, connect(t, shared[e].server), e) {
			if !slices.ContainsFunc(runs, func(r *hostileRun) bool { return strings.Contains(r.output, name) }) {
				t.Errorf("%s: %s is left, and no run says so", e, name)
			}
		}
	}
}

// lives reports whether a server is of use in that mode: a new connection works, at least for a while.
func lives(mode hostile.Mode) bool {
	return slices.Contains([]hostile.Mode{"slow", "drip", "close-later", "stall"}, mode)
}

// play runs the program to its end.
func (r *hostileRun) play() error {
	upstream, protocol := shared[r.engine].server, hostile.MySQL
	if r.engine == "postgres" {
		protocol = hostile.Postgres
	}
	s, err := hostile.Listen(r.mode, protocol, upstream.Address(), r.later)
	if err != nil {
		return err
	}
	defer s.Close()
	dsn := fmt.Sprintf("root@tcp(%s)/?timeout=3s", s.Address())
	if r.engine == "postgres" {
		dsn = fmt.Sprintf("postgres://postgres@%s/postgres?connect_timeout=3", s.Address())
	}
	cmd := exec.Command("lastseat", append(slices.Clone(r.args), "--target", r.engine, "--dsn", dsn)...)
	cmd.Env = environment()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	from := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	kill := time.AfterFunc(hostileLimit, func() { _ = cmd.Process.Kill() }) // its exit code says so
	defer kill.Stop()
	ended := make(chan struct{})
	if r.later {
		go func() {
			const busy = 20_000 // bytes: clients are at work
			for s.Passed() < busy {
				select {
				case <-ended:
					return
				case <-time.After(5 * time.Millisecond):
				}
			}
			s.Begin()
		}()
	}
	_ = cmd.Wait() // the exit code says the same
	close(ended)
	r.took, r.code, r.output = time.Since(from), cmd.ProcessState.ExitCode(), out.String()
	return nil
}

// trace is what the program's output holds where it crashed.
var trace = regexp.MustCompile(`(?m)^(panic:|fatal error:|goroutine \d+ \[)|panicked:`)

func (r *hostileRun) judge(t *testing.T) {
	if r.err != nil {
		t.Fatal(r.err)
	}
	defer func() {
		if t.Failed() {
			t.Logf("exit code %d after %v:\n%s", r.code, r.took, r.output)
		}
	}()
	if r.code < 0 {
		t.Errorf("it did not end in %v", hostileLimit)
	}
	if trace.MatchString(r.output) {
		t.Error("it crashed")
	}
	codes := []int{suite.ExitSetup}
	switch {
	case lives(r.mode):
		codes = append(codes, suite.ExitAsExpected, suite.ExitInconclusive) // it lives
	case r.mode.Alters():
		// Values that were changed on their way may also convict.
		codes = append(codes, suite.ExitAsExpected, suite.ExitInconclusive, suite.ExitBroken)
	}
	if !slices.Contains(codes, r.code) {
		t.Errorf("exit code %d, want one of %v", r.code, codes)
	}
	says := regexp.MustCompile("error: |lastseat: (target " + r.engine + "|explore " + r.engine + "/.*): ")
	if r.code == suite.ExitSetup && !says.MatchString(r.output) {
		t.Error("it does not say what is wrong")
	}
	if r.later || !r.mode.Speaks() {
		return
	}
	if said := strings.TrimSpace(r.output); r.args[0] == "run" && (!strings.HasPrefix(said, "lastseat: target ") || strings.Contains(said, "\n")) {
		t.Error("it does not say what is wrong in one line")
	}
}
