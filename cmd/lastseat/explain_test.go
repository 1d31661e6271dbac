package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
)

var updateDiagrams = flag.Bool("update-diagrams", false, "write the diagrams of lastseat explain anew")

// TestExplain: everything that has a name has an explanation, and a hazard says what prevents and mends it.
func TestExplain(t *testing.T) {
	all, err := explanations()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for i := range all {
		e := &all[i]
		kinds[e.kind]++
		if e.name == "" || len(e.meaning) < 8 {
			t.Errorf("%s %q means %q", e.kind, e.name, e.meaning)
		}
		var out, stderr bytes.Buffer
		if code := Main([]string{"explain", e.name}, &out, &stderr); code != suite.ExitAsExpected || !strings.Contains(out.String(), e.meaning) {
			t.Errorf("explain %s: exit code %d, %s%s", e.name, code, out.String(), stderr.String())
		}
		if e.hazard != nil && (!strings.Contains(out.String(), "PostgreSQL: ") || !strings.Contains(out.String(), e.hazard.Advice())) {
			t.Errorf("explain %s does not say what prevents and mends it:\n%s", e.name, out.String())
		}
	}
	for _, kind := range append([]string{"anomaly", "hazard", "level", "strategy", "target", "workload", "verdict", "column"}, aroundNames()[:6]...) {
		if kinds[kind] == 0 && kind != "servers" && kind != pauseHolder {
			t.Errorf("nothing of kind %s is explained: %v", kind, kinds)
		}
	}
	var out, stderr bytes.Buffer
	if code := Main([]string{"explain", "P5"}, &out, &stderr); code != suite.ExitSetup || !strings.Contains(stderr.String(), "did you mean P4?") {
		t.Errorf("explain P5: exit code %d, %s", code, stderr.String())
	}
}

// TestDiagrams plays each diagram's schedule again where it was played, and compares the shape: statements, results, waits.
func TestDiagrams(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, name := range []string{"postgres", "mariadb"} {
		e, _ := engineNamed(name)
		p := places{
			axes:  &axes{targets: []suite.TargetSpec{{Name: name, Engine: e, DSN: os.Getenv(e.DSNEnv)}}, levels: harness.Levels()},
			limit: 10 * time.Second,
		}
		_, err := p.each(ctx, func(ctx context.Context, at place) error {
			for _, level := range at.levels {
				at.Level = level
				for _, s := range anomalies {
					m, err := schedule.Measure(ctx, s, at.Place)
					if err != nil {
						return err
					}
					if !m.Through || seen[s.Name+name] != "" {
						continue
					}
					var b bytes.Buffer
					tr := transcript(at, m.Outcome, fmt.Sprintf("%s: let through (%s)", s.Name, m.How))
					if err := reports.Transcripts(&b, []reports.Transcript{tr}); err != nil {
						return err
					}
					seen[s.Name+name] = b.String()
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	compared := 0
	for _, s := range anomalies {
		path := "diagrams/" + s.Name + ".txt"
		if *updateDiagrams {
			for _, name := range []string{"postgres", "mariadb"} {
				if text := seen[s.Name+name]; text != "" {
					if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
					break
				}
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			continue // no server lets it through
		}
		_, on, _ := strings.Cut(string(want), " on ")
		name, _, _ := strings.Cut(on, " ")
		if seen[s.Name+name] == "" {
			continue
		}
		compared++
		if got := shapeOf(seen[s.Name+name]); got != shapeOf(string(want)) {
			t.Errorf("%s is played otherwise than %s shows:\n%s", s.Name, path, got)
		}
	}
	if compared == 0 && !*updateDiagrams {
		t.Skip("nothing to compare: no diagram has been made (-update-diagrams makes them), or no server is to be had on which they were played")
	}
}

// shapeOf is a diagram without the server's version.
func shapeOf(diagram string) string {
	return regexp.MustCompile(`\([A-Z][^)]*\)`).ReplaceAllString(diagram, "(server)")
}
