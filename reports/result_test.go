package reports

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

func TestExitCode(t *testing.T) {
	row := func(v harness.Verdict, asExpected bool) Row {
		return Row{Report: &engine.Report{Judgement: engine.Judgement{Verdict: v, AsExpected: asExpected}}}
	}
	green, red := row(harness.Safe, true), row(harness.Unsafe, true)
	surprise, open := row(harness.Unsafe, false), row(harness.Inconclusive, false)
	skip, failed := Row{Skip: "no such row"}, Row{Err: errors.New("set up")}
	stopped := Row{Err: fmt.Errorf("set up: %w", context.Canceled)}
	control := row(harness.Unsafe, true)
	control.Control = true
	openControl := row(harness.Inconclusive, false)
	openControl.Control = true

	for _, test := range []struct {
		name         string
		rows         []Row
		interrupted  bool
		want, strict int
	}{
		{"as expected", []Row{green, red, skip}, false, 0, 1},
		{"only green", []Row{green, skip}, false, 0, 0},
		{"controls count for nothing", []Row{green, control, openControl}, false, 0, 0},
		{"surprise", []Row{green, surprise, open}, false, 1, 1},
		{"surprise, then interrupted", []Row{surprise, open}, true, 1, 1},
		{"failed beats surprise", []Row{surprise, failed}, true, 2, 2},
		{"interrupted beats inconclusive", []Row{green, open}, true, 130, 130},
		{"an interrupted set-up is no failure", []Row{green, stopped}, true, 130, 130},
		{"inconclusive", []Row{green, open}, false, 3, 3},
		{"nothing but skips", []Row{skip}, false, 3, 3},
		{"nothing", nil, false, 3, 3},
	} {
		r := &Result{Rows: test.rows, Interrupted: test.interrupted}
		if got := r.ExitCode(); got != test.want {
			t.Errorf("%s: exit code %d, want %d", test.name, got, test.want)
		}
		r.Strict = true
		if got := r.ExitCode(); got != test.strict {
			t.Errorf("%s, strict: exit code %d, want %d", test.name, got, test.strict)
		}
	}
}
