package recheck

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// TestDatabases: 52 histories of registers with blind writes of a CockroachDB and a Galera cluster, whose answers are known from two other
// checkers. expected.tsv names one file twice; the answer that fits it is the last.
func TestDatabases(t *testing.T) {
	files := unpacked(t, "testdata/databases.tar.zst")
	expected := map[string][2]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(files["expected.tsv"])), "\n")[1:] {
		f := strings.Split(line, "\t")
		expected[f[0]] = [2]string{f[1], f[2]}
	}
	if len(expected) != len(files)-1 {
		t.Fatalf("%d answers to %d files", len(expected), len(files)-1)
	}
	for name, want := range expected {
		rec, err := history.ReadAny(bytes.NewReader(files[name]), name, "")
		if err != nil {
			t.Fatal(err)
		}
		res, err := Recording(t.Context(), name, rec, &Options{Model: want[0]})
		if err != nil {
			t.Fatal(err)
		}
		verdict := map[string]harness.Verdict{"yes": harness.Safe, "no": harness.Unsafe}[want[1]]
		if res.Verdict != verdict {
			t.Errorf("%s is %s, want %s: %s", name, res.Verdict, verdict, res.Reason)
		}
		for _, a := range res.Anomalies {
			if !slices.ContainsFunc(res.Witnesses, func(w Witness) bool { return w.Anomaly == a }) {
				t.Errorf("%s: nothing shows %s", name, a)
			}
		}
	}
}

// TestShortestWitness: a step in real time is one step, and what is named is shown.
func TestShortestWitness(t *testing.T) {
	for file, want := range map[string]map[string]int{
		"rt-long2":     {"G-single-item-realtime": 2},
		"g1c-realtime": {"G1c-realtime": 2},
		"elle-17":      {"G1c-realtime": 2, "G-single-item-realtime": 3},
	} {
		rec, err := history.Load(filepath.Join("testdata", file+".edn"), "")
		if err != nil {
			t.Fatal(err)
		}
		res, err := Recording(t.Context(), file, rec, &Options{})
		if err != nil || len(res.Anomalies) != len(want) {
			t.Fatalf("%s shows %q: %v", file, res.Anomalies, err)
		}
		for _, c := range res.Cycles() {
			if c.Cycle == nil || len(c.Cycle.Names) != want[c.Anomaly] {
				t.Errorf("%s: %s is shown by %s", file, c.Anomaly, c.Text)
			}
		}
	}
}

// unpacked are the files of a compressed archive.
func unpacked(t *testing.T, path string) map[string][]byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(dec); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[filepath.Base(h.Name)], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCases: histories that were judged wrongly once.
func TestCases(t *testing.T) {
	every := "serializable snapshot-isolation read-committed read-uncommitted"
	for _, c := range []struct{ file, not, consistent string }{
		{"nil-then-value", "serializable repeatable-read read-atomic", "read-committed"},
		{"reg-two-values", "strong-session-serializable", "serializable"},
		{"elle-cli-47-noindex", "strong-session-serializable", "serializable"},
		{"reg-garbage", every, ""},
		{"elle-8b", every, ""},
		{"reg-future", every, ""},
		{"min-register-skew", "strong-session-serializable prefix", "serializable read-atomic"},
		{"min-list-skew", "strong-session-serializable prefix", "serializable read-atomic"},
		{"fuzzy-list", "serializable repeatable-read read-atomic", "read-committed"},
		{"reg-nil-after-write", strictest, "strong-session-serializable"},
		{"fractured-list", "read-atomic parallel-snapshot-isolation prefix causal-cerone", "read-committed"},
		{"causal-list", "causal-cerone parallel-snapshot-isolation prefix", "read-atomic"},
		{"g1c-realtime", strictest, "strong-session-serializable"},
		{"elle-17", "strong-session-serializable", "serializable parallel-snapshot-isolation"},
		{"rt-long2", "strong-snapshot-isolation", "strong-session-serializable"},
		{"swap3", every, ""},
		{"maelstrom-56", "read-committed", ""},
	} {
		path := filepath.Join("testdata", c.file+".edn")
		for models, want := range map[string]harness.Verdict{c.not: harness.Unsafe, c.consistent: harness.Safe} {
			for _, model := range strings.Fields(models) {
				rec, err := history.Load(path, "")
				if err != nil {
					t.Fatal(err)
				}
				res, err := Recording(t.Context(), path, rec, &Options{Model: model})
				if err != nil || res.Verdict != want {
					t.Errorf("%s is %s for %s, want %s: %s %v", c.file, res.Verdict, model, want, res.Reason, err)
				}
			}
		}
	}
}

// strictest is the model that is asked for by default.
const strictest = "strict-serializable"
