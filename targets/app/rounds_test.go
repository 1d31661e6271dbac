package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// under puts a program under load.
func under(t *testing.T, s *spec.Spec, how app.Load) []rounds.Report {
	t.Helper()
	nothing := app.LoadTelling{
		Head: func(*rounds.Report) error { return nil }, Case: func(*rounds.Report, *rounds.Case) error { return nil },
		Step: func(*rounds.Report, *rounds.Step) error { return nil }, End: func(*rounds.Report) error { return nil },
	}
	all, err := app.LoadLevels(t.Context(), s, app.Options{Engines: targets.Programs()}, nil, how, nothing)
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, s.Database, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRounds: racy programs break within a few rounds, by one serial order where clients are alike and by all where they are not, and
// their mended twins are not accused.
func TestRounds(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			operations := []string{"seat/racy", "seat/lock"}
			if engine == "postgres" {
				operations = append(operations, "seat/serializable", "auction/guarded")
			}
			s := file(t, engine, operations...)
			r := under(t, s, app.Load{Clients: []int{3}, MinTrials: 25, Seed: 1})[0]
			if r.Control == nil || r.Control.Broke == 0 {
				t.Errorf("the control is %+v, want that it broke", r.Control)
			}
			if len(r.Cases) != len(s.Operations)+1 {
				t.Errorf("%d cases, want each operation with itself, and one burst of several", len(r.Cases))
			}
			for i := range r.Cases {
				c := &r.Cases[i]
				t.Logf("%s: %s: %d of %d rounds, %d trials, %d errors, alike %v, %.1f s; %s %v", c.Name(), c.Verdict, c.Breaking, c.Rounds, c.Trials, c.Errors, c.Alike, c.Seconds, c.Why, c.Notes)
				want := harness.Safe
				if strings.Contains(c.Name(), "racy") {
					want = harness.Unsafe
				}
				mixed := slices.ContainsFunc(c.Operations, func(name string) bool { return name != c.Operations[0] })
				if c.Verdict != want && (!mixed || c.Verdict == harness.Inconclusive) { // one racy client may meet nobody
					t.Errorf("%s: %s (%s), want %s: %+v", c.Name(), c.Verdict, c.Why, want, c.Example)
				}
				if alike := !mixed && !strings.HasPrefix(c.Name(), "auction"); c.Alike != alike {
					t.Errorf("%s: alike is %v, want %v: in an auction, clients bid each its own", c.Name(), c.Alike, alike)
				}
			}
		})
	}
}

// TestSustained: what the wire saw is counted, rules judge what is left, and a stock that ran dry is said to have.
func TestSustained(t *testing.T) {
	t.Parallel()
	s := file(t, "postgres", "counter/racy", "counter/lock")
	s.Operations[1].Weight = 3
	s.Invariants = []spec.Invariant{{Name: "never", SQL: "SELECT n FROM counter WHERE n > 0"}}
	r := under(t, s, app.Load{Clients: []int{1, 4}, Duration: 300 * time.Millisecond, Seed: 1})[0]
	if len(r.Steps) != 2 {
		t.Fatalf("%d steps, want one for each number of clients", len(r.Steps))
	}
	for i := range r.Steps {
		step := &r.Steps[i]
		racy, lock := step.Operations[0], step.Operations[1]
		if step.Statements < 2 || step.Transactions < 1 || step.InDatabase <= 0 || step.Latency["p50"] <= 0 || racy.OK == 0 || lock.OK < racy.OK {
			t.Errorf("the figures are %+v", step)
		}
		if step.Verdict != harness.Unsafe || len(step.Broken) != 1 {
			t.Errorf("%s %v, want that the rule broke", step.Verdict, step.Broken)
		}
	}
	s = file(t, "postgres", "seat/lock")
	s.Effects = "SELECT customer FROM orders"
	step := under(t, s, app.Load{Clients: []int{2}, Duration: 300 * time.Millisecond, Rate: 200, Seed: 1})[0].Steps[0]
	if step.Verdict != harness.Inconclusive || !strings.Contains(step.Why, "are refusals") || len(step.Broken) > 0 {
		t.Errorf("%s: %s %v, want that the stock ran dry", step.Verdict, step.Why, step.Broken)
	}
}

// TestLoadMistakes: what does not go together is said before anything is started.
func TestLoadMistakes(t *testing.T) {
	s := &spec.Spec{File: "shop.yaml", Database: "none", Operations: []spec.Operation{{Name: "buy"}}}
	for want, how := range map[string]app.Load{
		"--rate goes with -d":                  {Rate: 1, MinTrials: 1},
		"several numbers of clients go with":   {Clients: []int{1, 2}, MinTrials: 1},
		"-c is 1, and a burst has 2":           {Clients: []int{1}, MinTrials: 1},
		"-c is 0, must be at least 1":          {Clients: []int{0}, MinTrials: 1},
		"-d is -1s, must not be negative":      {Duration: -time.Second, MinTrials: 1},
		"--rate is -1, must not":               {Rate: -1, MinTrials: 1},
		"--budget is -1s, must not":            {Limit: -time.Second, MinTrials: 1},
		"--min-trials is 0, must be":           {},
		`unknown operation "by"; did you mean`: {Only: []string{"by"}, MinTrials: 1},
	} {
		_, err := app.LoadLevels(t.Context(), s, app.Options{Engines: targets.Programs()}, nil, how, app.LoadTelling{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", how, err, want)
		}
	}
}

// TestRoundsInterrupted: after an interrupt there is what was measured, and no error.
func TestRoundsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := file(t, "postgres", "seat/lock")
	cases := 0
	all, err := app.LoadLevels(ctx, s, app.Options{Engines: targets.Programs()}, nil, app.Load{Clients: []int{2}, MinTrials: 1_000_000, Seed: 1}, app.LoadTelling{
		Head: func(*rounds.Report) error { time.AfterFunc(6*time.Second, cancel); return nil },
		Case: func(*rounds.Report, *rounds.Case) error { cases++; return nil },
		End:  func(*rounds.Report) error { return nil },
	})
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, s.Database, missing.Hint)
	}
	if err != nil || ctx.Err() == nil || len(all) != 1 || len(all[0].Cases) != cases || rounds.Worst(all) != harness.Inconclusive {
		t.Errorf("%v, %d reports, %d cases told: want what there was, undecided, and no error", err, len(all), cases)
	}
}
