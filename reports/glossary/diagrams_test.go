package glossary

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
)

var updateDiagrams = flag.Bool("update-diagrams", false, "write the diagrams of lastseat explain anew")

// TestDiagrams plays each diagram's schedule again where it was played, and compares the shape: statements, results, waits.
func TestDiagrams(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers; run without -short")
	}
	if made, _ := filepath.Glob("diagrams/*.txt"); len(made) == 0 && !*updateDiagrams {
		t.Skip("no diagram has been made: -update-diagrams makes them")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, name := range []string{"postgres", "mariadb"} {
		e, _ := targets.Named(name)
		where := isolation.Config{
			Targets: []suite.TargetSpec{{Name: name, Engine: e, DSN: os.Getenv(e.DSNEnv)}}, Levels: harness.Levels(), Limit: 10 * time.Second,
			Engines: targets.Table(),
		}
		result := where.Measure(ctx, anomalies)
		for _, text := range result.Errors {
			t.Error(text)
		}
		for i := range result.Rows {
			m := &result.Rows[i]
			if m.Outcome != isolation.LetThrough || seen[m.Anomaly+name] != "" {
				continue
			}
			m.Transcript.Outcome = fmt.Sprintf("%s: let through (%s)", m.Anomaly, m.How)
			var b bytes.Buffer
			if err := reports.Transcripts(&b, []schedule.Transcript{*m.Transcript}); err != nil {
				t.Fatal(err)
			}
			seen[m.Anomaly+name] = b.String()
		}
	}
	compared := 0
	for _, s := range anomalies {
		path := diagramOf(s.Name)
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
