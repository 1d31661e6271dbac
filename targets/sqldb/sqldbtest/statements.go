package sqldbtest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Statements runs each strategy on each operation, once where everything is allowed and once where the guards refuse it, and compares
// what was sent with a golden file in testdata. A strategy that the file does not have yet is only run.
func Statements(t *testing.T, name string, e *Engine) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	want := golden(t, path)
	var all strings.Builder
	for _, strategy := range sqldb.Strategies() {
		got := e.section(t, strategy.Name)
		all.WriteString(got)
		if want[strategy.Name] == "" {
			t.Logf("%s has no %s yet: -update writes down what it sends", path, strategy.Name)
		} else if diff := cmp.Diff(strings.Split(want[strategy.Name], "\n"), strings.Split(got, "\n")); diff != "" && !*update {
			t.Errorf("%s does not send what %s says (-want +got; -update writes it anew):\n%s", strategy.Name, path, diff)
		}
		delete(want, strategy.Name)
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimSuffix(all.String(), "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(want) > 0 {
		t.Errorf("%s has strategies that there are not: %v", path, slices.Sorted(maps.Keys(want)))
	}
}

// golden are the sections of a golden file, by strategy.
func golden(t *testing.T, path string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.SplitAfter(string(content)+"\n", "\n\n") {
		if first, _, ok := strings.Cut(section, "\n"); ok {
			sections[strings.TrimPrefix(first, "== ")] = section
		}
	}
	return sections
}

// section is what a strategy sends for all operations.
func (e *Engine) section(t *testing.T, strategy string) string {
	t.Helper()
	var b, skipped strings.Builder
	fmt.Fprintf(&b, "== %s\n", strategy)
	for _, o := range operations() {
		if o.alike && strategy != sqldb.Strategies()[0].Name {
			continue
		}
		if why := e.write(t, &b, strategy, &o); why != "" {
			fmt.Fprintf(&skipped, "no %s: %s\n", o.name, why)
		}
	}
	return b.String() + skipped.String() + "\n"
}

// write writes down what a strategy sends for an operation, or says why it makes none.
func (e *Engine) write(t *testing.T, b *strings.Builder, strategy string, o *operation) (skip string) {
	t.Helper()
	whole := e.attempt(t, strategy, o, allowing())
	if whole.skip != "" {
		return whole.skip
	}
	e.writeOne(t, b, strategy, o.name, &whole, harness.OK)
	if o.guards > 0 {
		at := e.attempt(t, strategy, o, refusing())
		e.writeOne(t, b, strategy, o.name+", refused", &at, harness.Rejected)
	}
	if o.guards > 1 {
		at := e.attempt(t, strategy, o, halfway())
		if at.String() != whole.String() { // its guards are in its UPDATEs
			e.writeOne(t, b, strategy, o.name+", refused halfway", &at, harness.Rejected)
		}
	}
	return ""
}

func (e *Engine) writeOne(t *testing.T, b *strings.Builder, strategy, name string, a *attempted, want harness.Outcome) {
	t.Helper()
	if a.result.Outcome != want {
		t.Errorf("%s, %s: %s, %v", strategy, name, a.result.Outcome, a.result.Err)
	}
	e.closed(t, strategy+", "+name, a)
	fmt.Fprintf(b, "%s\n%s    -- %s\n", name, a, a.result.Outcome)
}
