package sqldbtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/sqldb"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Statements runs each strategy on each operation, once where everything is allowed and once where the guards refuse it, and compares
// what was sent with a golden file in testdata.
func Statements(t *testing.T, name string, e *Engine) {
	t.Helper()
	var b strings.Builder
	first := sqldb.Strategies()[0].Name
	for _, strategy := range sqldb.Strategies() {
		fmt.Fprintf(&b, "== %s\n", strategy.Name)
		var skipped []string
		for _, o := range operations() {
			if o.alike && strategy.Name != first {
				continue
			}
			if why := e.write(t, &b, strategy.Name, &o); why != "" {
				skipped = append(skipped, fmt.Sprintf("no %s: %s\n", o.name, why))
			}
		}
		b.WriteString(strings.Join(skipped, "") + "\n")
	}
	got := strings.TrimSuffix(b.String(), "\n")
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the statements are not those of %s (-want +got; -update writes them anew):\n%s", path, diff)
	}
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
