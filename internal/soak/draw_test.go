package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

func all(t *testing.T) []engine {
	t.Helper()
	engines, err := named(strings.Join(targets.Names(), ",")) // clusters, too, which only who names them soaks
	if err != nil {
		t.Fatal(err)
	}
	return engines
}

// TestDrawRepeats holds that a seed draws the same commands, and another seed others.
func TestDrawRepeats(t *testing.T) {
	engines := all(t)
	differ := 0
	for i := range uint64(100) {
		if a, b := draw(engines, 7, i), draw(engines, 7, i); !slices.Equal(a, b) {
			t.Fatalf("draw %d of seed 7 is %q and %q", i, a, b)
		}
		if !slices.Equal(draw(engines, 7, i), draw(engines, 8, i)) {
			differ++
		}
	}
	if differ < 90 {
		t.Errorf("%d of 100 draws differ between two seeds", differ)
	}
}

// TestDrawReachesAll holds that every value of every table is drawn: a new engine, fault or workload is soaked as soon as it is there.
func TestDrawReachesAll(t *testing.T) {
	drawn := map[string]bool{}
	engines := all(t)
	for i := range uint64(20_000) {
		args := draw(engines, 1, i)
		for k := range args {
			for _, value := range strings.Split(args[k], ",") {
				drawn[value] = true
			}
		}
	}
	var want []string
	for _, e := range targets.Table() {
		want = append(want, e.Name)
		for _, s := range e.Strategies {
			want = append(want, s.Name)
		}
	}
	for _, w := range workloads.Table() {
		want = append(want, w.Name)
	}
	for _, l := range harness.Levels() {
		want = append(want, l.Short())
	}
	for _, axis := range targets.Axes() {
		want = append(want, "--"+axis.Name)
		for _, d := range axis.Components {
			want = append(want, d.Name)
		}
	}
	for _, value := range want {
		if !drawn[value] {
			t.Errorf("%s is never drawn", value)
		}
	}
}

// TestUnknownEngine holds that a name that is no engine's is refused.
func TestUnknownEngine(t *testing.T) {
	if _, err := named("postgres,oracle"); err == nil || !strings.Contains(err.Error(), `"oracle"`) {
		t.Errorf("error %v, want one that names oracle", err)
	}
}
