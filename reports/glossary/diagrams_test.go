package glossary

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

var updateDiagrams = flag.Bool("update-diagrams", false, "write the diagrams of lastseat explain anew")

// TestDiagrams plays each diagram's schedule again where it was played, and compares: statements, results, waits.
func TestDiagrams(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers; run without -short")
	}
	for _, target := range []string{"postgres", "mariadb"} {
		t.Run(target, func(t *testing.T) {
			for term, got := range draw(t, target) {
				path := diagramOf(term)
				if *updateDiagrams {
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if shapeOf(got) != shapeOf(string(want)) {
					t.Errorf("%s does not show what %s does:\n%s", path, target, got)
				}
			}
		})
	}
}

// draw plays the schedules of a target's drawings, and returns the diagram of each term.
func draw(t *testing.T, target string) map[string]string {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	wanted := slices.DeleteFunc(drawings(), func(d drawing) bool { return d.target != target })
	all, err := schedules()
	if err != nil {
		t.Fatal(err)
	}
	e, _ := targets.Named(target)
	where := isolation.Config{
		Targets: []suite.TargetSpec{{Name: target, Engine: e, DSN: os.Getenv(e.DSNEnv)}}, Levels: harness.Levels(), Limit: 10 * time.Second,
		Engines: targets.Table(),
	}
	result := where.Measure(ctx, slices.DeleteFunc(slices.Clone(all), func(s *schedule.Schedule) bool {
		return !slices.ContainsFunc(wanted, func(d drawing) bool { return d.schedule == s.Name })
	}))
	for _, text := range result.Errors {
		t.Error(text)
	}
	if len(result.Missing) > 0 {
		required.Missing(t, target, result.Missing[0].Missing)
	}
	drawn := map[string]string{}
	for _, d := range wanted {
		i := slices.IndexFunc(result.Rows, func(m isolation.Measured) bool { return m.Anomaly == d.schedule && m.Isolation == d.level })
		if i < 0 || result.Rows[i].Transcript == nil {
			t.Fatalf("%s was not played at %s", d.schedule, d.level)
		}
		s := slices.IndexFunc(all, func(s *schedule.Schedule) bool { return s.Name == d.schedule })
		drawn[d.term] = d.text(t, all[s], &result.Rows[i])
	}
	return drawn
}

// text is the diagram of what was measured.
func (d *drawing) text(t *testing.T, s *schedule.Schedule, m *isolation.Measured) string {
	shown := *m.Transcript
	shown.Title = fmt.Sprintf("%s at %s:", m.Server, m.Isolation)
	what := d.schedule
	if h, ok := s.HazardOf(); ok && h.String() == s.Name {
		what = h.Named()
	}
	shown.Outcome = what + ": let through"
	if prevents := d.term == string(harness.Serializable); (m.Outcome == isolation.Prevented) != prevents {
		t.Errorf("%s at %s: %s (%s)", d.schedule, m.Isolation, m.Outcome, m.How)
	} else if prevents {
		shown.Outcome = fmt.Sprintf("%s: prevented (%s)", what, m.How)
	}
	var b strings.Builder
	if err := reports.Transcripts(&b, reports.NarrowWidth, shown); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shapeOf is a diagram without the server's version and settings.
func shapeOf(diagram string) string {
	return regexp.MustCompile(`^(\w+) .* at `).ReplaceAllString(diagram, "$1 at ")
}

// TestExplainFitsAScreen: no explanation is longer or wider than a screen, and an anomaly, hazard or level has a diagram or says why not.
func TestExplainFitsAScreen(t *testing.T) {
	const lines, columns = 45, 80
	all, err := Terms()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		term := &all[i]
		var out strings.Builder
		if err := term.explain(&out); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n > lines {
			t.Errorf("explain %s has %d lines:\n%s", term.Name, n, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if utf8.RuneCountInString(line) > columns+1 {
				t.Errorf("explain %s has a wide line: %s", term.Name, line)
			}
		}
		_, err := diagrams.ReadFile(diagramOf(term.Name))
		drawn := slices.ContainsFunc(drawings(), func(d drawing) bool { return d.term == term.Name })
		says := strings.Contains(out.String(), "\nNo diagram: ")
		if described := term.hazard != nil || term.level != ""; drawn != (err == nil) || described != (drawn || says) {
			t.Errorf("explain %s: drawn %v, diagram stored %v, says why there is none %v", term.Name, drawn, err == nil, says)
		}
	}
}
