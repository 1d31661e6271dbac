package app_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// unwired is an example on SQLite.
func unwired(t *testing.T, file string) *spec.Spec {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		required.Missing(t, "python", err.Error())
	}
	path := "../../examples/programs/sqlite/" + file
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := spec.Parse(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUnwired: rounds accuse a program on SQLite that races, and not its mended twin; a trial is a round in which requests overlapped. What
// needs a wire is refused with the command that does not.
func TestUnwired(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]harness.Verdict{"shop.yaml": harness.Unsafe, "mended.yaml": harness.Safe} {
		c := under(t, unwired(t, file), app.Load{Clients: []int{8}, MinTrials: 30, Seed: 1})[0].Cases[0]
		if c.Verdict != want || c.Trials == 0 || c.Trials > c.Rounds {
			t.Errorf("%s: %s (%s), %d trials in %d rounds, want %s: %+v", file, c.Verdict, c.Why, c.Trials, c.Rounds, want, c.Example)
		}
	}
	s := unwired(t, "shop.yaml")
	for what, how := range map[string]app.Load{"-d": {Duration: time.Second, Clients: []int{2}}, "--fault": {MinTrials: 1, Faults: []program.FaultKind{program.KillProgram}}} {
		_, err := app.LoadLevels(t.Context(), s, app.Options{Engines: targets.Programs()}, nil, how, app.LoadTelling{})
		if err == nil || !strings.Contains(err.Error(), "there is no wire") || !strings.Contains(err.Error(), "lastseat run ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := app.Proxy(t.Context(), targets.Programs(), "sqlite", "127.0.0.1:0", app.Recording{}, os.Stderr); err == nil || !strings.Contains(err.Error(), "nothing to stand between") {
		t.Errorf("a proxy alone: %v", err)
	}
	if _, err := app.Open(t.Context(), s, app.Options{Engines: targets.Programs()}); err == nil || !strings.Contains(err.Error(), "there is no wire") {
		t.Errorf("to explore: %v", err)
	}
}
