package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/recheck"
)

func checkedSample() []recheck.Result {
	return []recheck.Result{
		{
			File: "a.edn", Format: "jepsen-edn", Workload: "append", Model: "strict-serializable", Verdict: harness.Unsafe,
			Anomalies: []string{"G2-item", "lost-update"}, Not: []string{"cursor-stability", "update-atomic"}, AlsoNot: []string{"serializable"},
			ConsistentWith: []string{"strong-read-committed"}, Operations: 1234, Reason: "found G2-item, lost-update",
			Witnesses: []recheck.Witness{
				{Anomaly: "G2-item", Text: "A = T1: read x []\nB = T2: read y []", Meaning: "write skew"},
				{Anomaly: "G2-item", Text: "A = T7: read z []", Meaning: "write skew"},
				{Anomaly: "lost-update", Text: "T1 and T2 both read x"},
			},
		},
		{File: "b.jsonl", Format: "lastseat", Workload: "seats", Row: "memory/mutex", Verdict: harness.Safe, Operations: 1, Reason: "5 trials; nothing broke"},
		{File: "c.edn", Format: "jepsen-edn", Verdict: harness.Inconclusive, Reason: "there is nothing in it"},
	}
}

func TestCheckedText(t *testing.T) {
	var b bytes.Buffer
	files := checkedSample()
	for i := range files {
		CheckedText(&b, &files[i], false)
	}
	CheckedSum(&b, files)
	const want = `a.edn: append: unsafe (1,234 operations; found G2-item, lost-update)
  G2-item: write skew
    A = T1: read x []
    B = T2: read y []
  lost-update: T1 and T2 both read x
  1 more case not shown: --explain
  not cursor-stability, update-atomic, nor what includes them
  consistent with: strong-read-committed
b.jsonl: seats on memory/mutex: safe (1 operation; 5 trials; nothing broke)
c.edn: inconclusive (0 operations; there is nothing in it)
3 files: 1 safe, 1 unsafe, 1 inconclusive
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.Reset()
	CheckedText(&b, &files[0], true)
	if !strings.Contains(b.String(), "A = T7") || strings.Contains(b.String(), "--explain") {
		t.Error(b.String())
	}
}

// TestCheckedJSON: lists are never null, and docs/check.md knows every key.
func TestCheckedJSON(t *testing.T) {
	var b bytes.Buffer
	if err := CheckedJSON(&b, checkedSample()); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Version int
		Files   []map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Version != 2 || len(doc.Files) != 3 {
		t.Fatal(err, doc)
	}
	docs, err := os.ReadFile("../docs/check.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range doc.Files {
		for key, value := range f {
			if value == nil {
				t.Errorf("%s is null", key)
			}
			if key != "witnesses" && !strings.Contains(string(docs), "| `files[]."+key+"` |") {
				t.Errorf("docs/check.md does not explain %s", key)
			}
		}
	}
}
