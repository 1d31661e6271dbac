package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/lastseat/lastseat/harness/promise"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func TestMain(m *testing.M) {
	flag.Parse()
	twwidth.SetEastAsian(false) // golden files are the same wherever they are made
	os.Exit(m.Run())
}

func TestGolden(t *testing.T) {
	table := func(opt TableOptions) func(io.Writer, *Result) error {
		return func(w io.Writer, r *Result) error { return Table(w, r, opt) }
	}
	both := func(w io.Writer, r *Result) error {
		if err := Table(w, r, TableOptions{}); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		return Explain(w, r, 0)
	}
	for _, test := range []struct {
		name   string
		result *Result
		write  func(io.Writer, *Result) error
		width  int // no line may be wider; 0: any
	}{
		{"sample.txt", sample(), both, 120},
		{"surprises.txt", surprises(), both, 120},
		{"many.txt", many(), table(TableOptions{}), 120},
		{"wide.txt", sample(), table(TableOptions{Width: 160}), 160},
		{"empty.txt", &Result{}, both, 120},
		{"swept.txt", swept(), both, 120},
		{"repeated.txt", repeated(), both, 120},
		{"models.txt", models(), both, 120},
		{"surrounded.txt", surrounded(), both, 120},
		{"models.md", models(), Markdown, 0},
		{"surprises.html", surprises(), HTML, 0},
		{"timed.html", timed(), HTML, 0},
		{"models.json", models(), JSON, 0},
		{"sample.json", sample(), JSON, 0},
		{"surprises.json", surprises(), JSON, 0},
		{"repeated.json", repeated(), JSON, 0},
		{"sample.csv", sample(), CSV, 0},
		{"empty.csv", &Result{}, CSV, 0},
		{"sample.md", sample(), Markdown, 0},
		{"surprises.md", surprises(), Markdown, 0},
		{"sample.xml", sample(), junit(JUnitOptions{}), 0},
		{"surprises.xml", surprises(), junit(JUnitOptions{FailInconclusive: true}), 0},
		{"sample.benchfmt", sample(), onLinux(Benchfmt), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := written(t, test.result, test.write)
			golden(t, test.name, got)
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if line != strings.TrimRight(line, " ") {
					t.Errorf("blanks at the end of %q", line)
				}
				// Commands are not wrapped, so that they can be copied.
				if w := twwidth.Width(line); test.width > 0 && w > test.width && !strings.HasPrefix(line, "  re-") {
					t.Errorf("%d columns, more than %d: %s", w, test.width, line)
				}
			}
		})
	}
}

func junit(opt JUnitOptions) func(io.Writer, *Result) error {
	return func(w io.Writer, r *Result) error { return JUnit(w, r, opt) }
}

// onLinux writes as on linux/amd64, wherever it runs.
func onLinux(write func(io.Writer, *Result) error) func(io.Writer, *Result) error {
	return func(w io.Writer, r *Result) error {
		var b strings.Builder
		if err := write(&b, r); err != nil {
			return err
		}
		here := strings.NewReplacer("goos: "+runtime.GOOS, "goos: linux", "goarch: "+runtime.GOARCH, "goarch: amd64")
		_, err := here.WriteString(w, b.String())
		return err
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColorChangesNothingElse(t *testing.T) {
	for name, r := range map[string]*Result{"sample": sample(), "surprises": surprises(), "many": many(), "swept": swept(), "repeated": repeated()} {
		plain := written(t, r, func(w io.Writer, r *Result) error { return Table(w, r, TableOptions{}) })
		colored := written(t, r, func(w io.Writer, r *Result) error { return Table(w, r, TableOptions{Color: true}) })
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: escape sequences in plain text", name)
		}
		if !strings.Contains(colored, green+"✓ safe") {
			t.Errorf("%s: no colour", name)
		}
		if diff := cmp.Diff(plain, escapes.ReplaceAllString(colored, "")); diff != "" {
			t.Errorf("%s: colour changed the text (-plain +coloured):\n%s", name, diff)
		}
	}
}

func TestJSONKeysAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.\\[\\]]+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		documented[m[1]] = true
	}
	emitted := map[string]bool{}
	driven := sample()
	driven.Servers[2].Info.Wire = "pgx" // as --wire driver says
	onWorkers(driven)
	forked := models()
	forked.Rows[0].Expected = &promise.Promise{Model: "serializable", Floor: "consistent-view"} // as with --reads-from replica
	for _, r := range []*Result{sample(), driven, forked, surprises(), repeated(), surrounded(), models(), swept(), timed(), queueing(), clocked()} {
		var v any
		if err := json.Unmarshal([]byte(written(t, r, JSON)), &v); err != nil {
			t.Fatal(err)
		}
		keys("", v, emitted)
	}
	for k := range emitted {
		if !documented[k] && !strings.HasPrefix(k, "rows[].explored.") && !strings.HasPrefix(k, "rows[].runs[].latency.") && !strings.HasPrefix(k, "rows[].runs[].timeline.") { // explained elsewhere
			t.Errorf("%s is written and not documented", k)
		}
	}
	for k := range documented {
		if !emitted[k] && k != "rows[].checks[].skipped" {
			t.Errorf("%s is documented and not written", k)
		}
	}
}

// keys collects the paths of all keys of v: rows[].checks[].name.
func keys(path string, v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			p := strings.TrimPrefix(path+"."+k, ".")
			into[p] = true
			keys(p, inner, into)
		}
	case []any:
		for _, inner := range v {
			keys(path+"[]", inner, into)
		}
	}
}

// named fails for each key of a document of JSON whose last part stands nowhere below a heading of a page, but for those explained elsewhere.
func named(t *testing.T, document []byte, page, heading string, elsewhere func(key string) bool) {
	t.Helper()
	doc, err := os.ReadFile("../docs/" + page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(doc), heading)
	table, _, _ = strings.Cut(table, "\n## ")
	if !found {
		t.Fatalf("%s has no %q", page, heading)
	}
	words := map[string]bool{}
	for _, word := range regexp.MustCompile("[a-z0-9_]+").FindAllString(table, -1) {
		words[word] = true
	}
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	emitted := map[string]bool{}
	keys("", v, emitted)
	for k := range emitted {
		last := strings.TrimSuffix(k[strings.LastIndex(k, ".")+1:], "[]")
		if !words[last] && (elsewhere == nil || !elsewhere(k)) {
			t.Errorf("%s is written and not documented", k)
		}
	}
}

func written[R any](t *testing.T, r R, write func(io.Writer, R) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update accepts):\n%s", path, diff)
	}
}
