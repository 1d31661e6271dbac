package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// pointsFile is a shop.yaml with operations that faults may leave half done.
func pointsFile(t *testing.T, engine string, names ...string) *spec.Spec {
	t.Helper()
	text := "database: " + engine + "\nsetup: points.sql\napp: " + build(t, "shop") + "\neffects: SELECT customer FROM paid\noperations:\n"
	for _, name := range names {
		text += "  " + name + ": POST /" + strings.Replace(name, "-", "/", 1) + "?c={id}\n"
	}
	s, err := spec.Parse("testdata/points.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRoundsFaults: a request without a key that is repeated after a lost answer is done twice, and a receipt that goes out before the COMMIT
// outlives a killed program; their mended twins are not accused.
func TestRoundsFaults(t *testing.T) {
	for _, c := range []struct {
		engine, broken, mended string
		fault                  program.FaultKind
	}{
		{"postgres", "retry-none", "retry-key", program.Repeat},
		{"mariadb", "retry-none", "retry-key", program.Repeat},
		{"postgres", "receipt-early", "receipt-with", program.KillProgram},
		{"postgres", "receipt-early", "receipt-with", program.CutBefore},
		{"postgres", "receipt-early", "receipt-with", rounds.Partition},
		{"mariadb", "receipt-early", "receipt-with", rounds.Partition},
		{"postgres", "receipt-early", "", program.KillServer}, // a twin takes long: each round has a kill
	} {
		t.Run(c.engine+"/"+string(c.fault), func(t *testing.T) {
			t.Parallel()
			caught := false
			for seed := uint64(1); seed <= 20 && !caught; seed++ { // where it strikes is drawn
				caught = struckBy(t, c.engine, c.broken, c.fault, seed).Verdict == harness.Unsafe
			}
			if !caught {
				t.Errorf("%s was never caught", c.broken)
			}
			if c.mended == "" {
				return
			}
			r := struckBy(t, c.engine, c.mended, c.fault, 1)
			unshown := strings.Contains(r.Why, "naive buy did not break") // two clients alone may show too little
			if r.Verdict != harness.Safe && !unshown || r.Breaking > 0 {
				t.Errorf("%s: %s (%s): %+v", c.mended, r.Verdict, r.Why, r.Example)
			}
		})
	}
}

// TestRoundsStill: a server that stands still, or messages that are late, break nothing that does not break anyway.
func TestRoundsStill(t *testing.T) {
	for _, fault := range []program.FaultKind{rounds.Pause, rounds.Delay} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			if r := struckBy(t, "postgres", "receipt-early", fault, 1); r.Breaking > 0 || r.Verdict == harness.Unsafe {
				t.Errorf("%s: %s (%s): %+v", fault, r.Verdict, r.Why, r.Example)
			}
		})
	}
}

// struckBy has two clients send an operation in rounds that a fault strikes.
func struckBy(t *testing.T, engine, name string, fault program.FaultKind, seed uint64) *rounds.Case {
	t.Helper()
	how := app.Load{Clients: []int{2}, MinTrials: 8, Seed: seed, Faults: []program.FaultKind{fault}}
	c := &under(t, pointsFile(t, engine, name), how)[0].Cases[0]
	t.Logf("%s: %s: %d of %d rounds, struck in %d, %.1f s; %s %q", c.Name(), c.Verdict, c.Breaking, c.Rounds, c.Struck, c.Seconds, c.Why, c.Notes)
	if c.Struck == 0 || c.Unstruck > 0 {
		t.Errorf("%s: struck in %d, and %d that were not struck break", name, c.Struck, c.Unstruck)
	}
	return c
}

// TestSustainedFaults: what strikes again and again is counted, and effects say what was done twice. On a busy machine a fault strikes
// seldom: a load whose steps are not all decided runs again for longer.
func TestSustainedFaults(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]harness.Verdict{"retry-none": harness.Unsafe, "retry-key": harness.Safe} {
		for duration := 1200 * time.Millisecond; ; duration *= 4 {
			how := app.Load{Clients: []int{4}, Duration: duration, Seed: 1, Faults: []program.FaultKind{"", program.Repeat, program.KillProgram, rounds.Pause, rounds.Delay}}
			steps := under(t, pointsFile(t, "postgres", name), how)[0].Steps
			undecided := slices.ContainsFunc(steps, func(s rounds.Step) bool { return s.Verdict == harness.Inconclusive })
			if undecided && duration < 15*time.Second {
				continue
			}
			for _, step := range steps {
				t.Logf("%s, %s: %s %s, struck %d, %+v %q", name, step.Name(), step.Verdict, step.Why, step.Struck, step.Operations, step.Broken)
				wanted := map[bool]harness.Verdict{true: want, false: harness.Safe}[step.Fault == program.Repeat]
				if step.Verdict != wanted || (step.Struck > 0) != (step.Fault != "") {
					t.Errorf("%s: %s is %s (%s) %q, struck %d; want %s", name, step.Name(), step.Verdict, step.Why, step.Broken, step.Struck, wanted)
				}
			}
			break
		}
	}
}
