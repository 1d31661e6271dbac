package reports

import (
	"encoding/csv"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// records reads CSV as a spreadsheet does, each line by the names of its columns.
func records(t *testing.T, r *Result) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(written(t, r, CSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, line := range lines[1:] {
		record := map[string]string{}
		for i, name := range lines[0] {
			record[name] = line[i]
		}
		if len(record) != len(lines[0]) {
			t.Fatalf("two columns have one name: %v", lines[0])
		}
		all = append(all, record)
	}
	return all
}

func TestCSVHoldsEveryRow(t *testing.T) {
	r := sample()
	hard := "commit: \"deadlock\", said the server;\nline 2, with a comma"
	r.Rows[len(r.Rows)-1].Report.Failure = errors.New(hard)
	all := records(t, r)
	if len(all) != len(r.Rows) {
		t.Fatalf("%d lines, want %d", len(all), len(r.Rows))
	}
	for i, record := range all {
		row := &r.Rows[i]
		if record["strategy"] != row.Label.Strategy || record["verdict"] != string(row.Verdict()) || record["reason"] != row.Reason() {
			t.Errorf("line %d is not %s: %v", i, row.Label, record)
		}
		if rep := row.Report; rep != nil {
			if got, err := strconv.ParseFloat(record["ops_per_second"], 64); err != nil || got != rep.Goodput() {
				t.Errorf("%s: ops_per_second %s, want %v", row.Label, record["ops_per_second"], rep.Goodput())
			}
			if record["violation_count"] != strconv.FormatInt(rep.Violations(), 10) {
				t.Errorf("%s: violation_count %s, want %d", row.Label, record["violation_count"], rep.Violations())
			}
		}
	}
	if got := all[len(all)-1]["failure"]; got != hard {
		t.Errorf("failure %q, want %q", got, hard)
	}
}

// TestCSVColumnsAreDocumented: columns are keys of docs/json.md, and times name their unit.
func TestCSVColumnsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range records(t, sample())[0] {
		if !strings.Contains(string(doc), "| `rows[]."+name+"` |") && !strings.Contains(string(doc), "| `"+name+"` |") {
			t.Errorf("docs/json.md has no %s", name)
		}
		if !regexp.MustCompile("^[a-z][a-z0-9]*(_[a-z0-9]+)*$").MatchString(name) {
			t.Errorf("%s is not snake_case", name)
		}
		if regexp.MustCompile("^(elapsed|queued|backoff|max|.*p[0-9]+)").MatchString(name) && !regexp.MustCompile("_(ms|seconds)$").MatchString(name) {
			t.Errorf("%s names no unit", name)
		}
	}
}
