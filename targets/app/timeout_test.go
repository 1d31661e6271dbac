package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app"
)

// TestLockTimeouts: a program that takes a lock time-out for a success is accused once waits may run into one, and only then; its schedule
// plays again. One that takes all back is not.
func TestLockTimeouts(t *testing.T) {
	for _, engine := range []string{"postgres", "mariadb", "mysql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel() // it waits most of the time
			s := file(t, engine, "timeout/swallowed")
			s.Operations = append(s.Operations, file(t, engine, "timeout/undone").Operations...)
			p := open(t, s, app.Options{LockTimeouts: true})
			explored := func(name string, timeouts bool) *program.Pair {
				x := explorer(p, name)
				x.LockTimeouts, x.Apart = timeouts, time.Millisecond // there are no times in the tables
				pairs, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
				if err != nil {
					t.Fatal(err)
				}
				got := &pairs[0]
				t.Logf("%s, %v: %s (%s): %d schedules, %d with a time-out, %d errors", name, timeouts, got.Verdict, got.Why, got.Run, got.LockTimeouts, got.Errors)
				if timeouts != (got.LockTimeouts > 0) {
					t.Errorf("%d lock time-outs", got.LockTimeouts)
				}
				return got
			}
			if got := explored("timeout-swallowed", false); got.Verdict != harness.Safe {
				t.Errorf("without time-outs: %s, want safe", got.Verdict)
			}
			if got := explored("timeout-undone", true); got.Verdict != harness.Safe || got.Errors != got.LockTimeouts {
				t.Errorf("undone: %s with %d errors, want safe, and an error for each time-out", got.Verdict, got.Errors)
			}
			got := explored("timeout-swallowed", true)
			if got.Verdict != harness.Unsafe || got.Shortest == nil {
				t.Fatalf("swallowed: %s, want unsafe", got.Verdict)
			}
			text := program.Order(got.Shortest.Order)
			order, ok := program.ParseOrder(text, 2)
			if !ok || !strings.Contains(text, "!") {
				t.Fatalf("the order %q does not say who runs into a time-out, or does not read", text)
			}
			x := explorer(p, "timeout-swallowed")
			x.Apart = time.Millisecond
			again, err := x.Replay(t.Context(), order)
			if err != nil || again.Verdict != harness.Unsafe || program.Order(again.Shortest.Order) != text {
				t.Errorf("played again: %v, %+v", err, again)
			}
		})
	}
}
