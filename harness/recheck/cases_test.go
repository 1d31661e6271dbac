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
	"github.com/lastseat/lastseat/workloads"
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
		for _, c := range res.Drawn() {
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
		{"maelstrom-56", "read-uncommitted read-committed", ""},
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

// TestMixed: lists and registers are judged together, and what either shows counts for the other. Nothing is wrong with the keys of either
// kind alone.
func TestMixed(t *testing.T) {
	for name, c := range map[string]struct {
		txns             []string
		broken, standing string
	}{
		"write skew":     {[]string{"[:append 0 1] [:r 1 nil]", "[:w 1 1] [:r 0 nil]"}, "serializable repeatable-read", "strong-snapshot-isolation"},
		"fractured read": {[]string{"[:append 0 1] [:w 1 1]", "[:r 0 [1]] [:r 1 nil]"}, "read-atomic snapshot-isolation", "read-committed"},
		"the list tells in which order the register was written": {
			[]string{"[:append 0 1] [:w 1 1]", "[:append 0 2] [:w 1 2]", "[:r 0 [1 2]] [:r 1 1]"}, "read-atomic", "read-committed",
		},
		"a dirty write": {[]string{"[:append 0 1] [:w 1 1] [:w 2 1]", "[:append 0 2] [:r 1 1] [:w 2 2]", "[:r 0 [2 1]]"}, "read-committed", ""},
		"in their order": {
			[]string{"[:append 0 1] [:w 1 1]", "[:append 0 2] [:w 1 2]", "[:r 0 [1 2]] [:r 1 2]", "[:r 0 nil] [:r 1 nil]"}, "", "strict-serializable",
		},
	} {
		for _, workload := range []string{"", "mixed"} {
			for models, want := range map[string]harness.Verdict{c.broken: harness.Unsafe, c.standing: harness.Safe} {
				for _, model := range strings.Fields(models) {
					rec, opt := parsed(t, workload, c.txns), &Options{Model: model}
					res, err := Recording(t.Context(), name, rec, opt)
					if err != nil || res.Verdict != want || res.Workload != "mixed" {
						t.Fatalf("%s of %s is %s for %s: %s %v", name, res.Workload, res.Verdict, model, res.Reason, err)
					}
					proof, err := Certify(t.Context(), rec, &res, opt)
					if err != nil || Verify(proof, parsed(t, workload, c.txns)) != nil {
						t.Errorf("%s has no proof for %s: %v", name, model, err)
					}
				}
			}
		}
		for _, workload := range []string{"append", "register", "predicate"} {
			if _, err := history.ReadAny(strings.NewReader(edn(c.txns)), "h", workload); err == nil || !strings.Contains(err.Error(), "--workload mixed") {
				t.Errorf("%s: %v", workload, err)
			}
		}
	}
}

// TestMixedBeginsWithNil: what registers of a mixed history hold at first is said as of others; lists begin empty.
func TestMixedBeginsWithNil(t *testing.T) {
	txns := []string{"[:append 0 1] [:r 1 0]", "[:r 0 [1]] [:r 1 0] [:w 1 1]"}
	for initial, want := range map[string]harness.Verdict{"": harness.Unsafe, "0": harness.Safe} {
		res, err := Recording(t.Context(), "h", parsed(t, "", txns), &Options{Initial: initial})
		if err != nil || res.Verdict != want {
			t.Errorf("with --initial %q: %s %s %v", initial, res.Verdict, res.Reason, err)
		}
	}
}

// TestShapes: what others record in shapes of their own is judged as what it is.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		file, initial string
		want          harness.Verdict
		anomalies     string
	}{
		{"queue.edn", "", harness.Safe, ""},
		{"queue-twice.edn", "", harness.Unsafe, "duplicated"},
		{"total-queue.edn", "", harness.Safe, ""},
		{"total-queue-lost.txt", "", harness.Unsafe, "lost"},
		{"unique-ids.edn", "", harness.Safe, ""},
		{"unique-ids-twice.json", "", harness.Unsafe, "duplicated"},
		{"causal-reverse-keyed.edn", "", harness.Safe, ""},
		{"causal-reverse-keyed-broken.edn", "", harness.Unsafe, "causal-reverse"},
		{"adya-g2.edn", "", harness.Safe, ""},
		{"adya-g2-both.edn", "", harness.Unsafe, "G2"},
		{"multi-register.edn", "0", harness.Safe, ""},
		{"multi-register.edn", "", harness.Unsafe, "nonlinearizable"},
		{"kv.edn", "", harness.Safe, ""},
		{"kv-lost.edn", "", harness.Unsafe, "nonlinearizable"},
		{"closed-predicate.edn", "", harness.Safe, ""},
		{"closed-predicate-skew.edn", "", harness.Unsafe, "G2"},
		{"set-keyed-lost.edn", "", harness.Unsafe, "lost"},
		{"bank-keyed.edn", "", harness.Safe, ""},
		{"bank-keyed-broken.edn", "", harness.Unsafe, "wrong-total"},
		{"cockroach-17815.edn", "", harness.Unsafe, "wrong-total"},
		{"bank-vectors.edn", "", harness.Safe, ""},
		{"keyed-only-rw.edn", "", harness.Safe, ""},
		{"keyed-stale.edn", "", harness.Unsafe, "nonlinearizable"},
		{"cas-initial.edn", "0", harness.Safe, ""},
		{"cas-initial.edn", "", harness.Unsafe, "nonlinearizable"},
		{"reg-initial.edn", "0", harness.Safe, ""},
		{"reg-initial.edn", "", harness.Unsafe, "garbage-read"},
		{"history.txt", "", harness.Unsafe, "G2-item"},
		{"bom.edn", "", harness.Unsafe, "garbage-read"},
		{"swap3.edn.gz", "", harness.Unsafe, "cyclic-versions"},
	} {
		rec, err := history.Load(filepath.Join("testdata", c.file), "")
		if err != nil {
			t.Fatal(err)
		}
		res, err := Recording(t.Context(), c.file, rec, &Options{Initial: c.initial})
		if err != nil || res.Verdict != c.want || c.anomalies != "" && !slices.Contains(res.Anomalies, c.anomalies) {
			t.Errorf("%s, at first %q, is %s, found %q, want %s, found %s: %v", c.file, c.initial, res.Verdict, res.Anomalies, c.want, c.anomalies, err)
		}
	}
}

// TestInitialIsRefused where a history holds no registers, where somebody wrote the value as well, and where it is no value.
func TestInitialIsRefused(t *testing.T) {
	for file, initial := range map[string]string{"swap3.edn": "0", "bank-keyed.edn": "0", "reg-two-values.edn": "1", "cas-initial.edn": "[0"} {
		rec, err := history.Load(filepath.Join("testdata", file), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Recording(t.Context(), file, rec, &Options{Initial: initial}); err == nil || !strings.Contains(err.Error(), "--initial") {
			t.Errorf("%s with --initial %s: %v", file, initial, err)
		}
	}
}

// TestOwnRegisters: lastseat's own registers are judged as sharply as others' lists.
func TestOwnRegisters(t *testing.T) {
	rec, err := history.Load("testdata/own-reg.jsonl", "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := Recording(t.Context(), "own-reg.jsonl", rec, &Options{Workload: func(h *history.Header) (harness.Workload, error) {
		return workloads.Recorded(h.Label.Workload, h.Start, h.Config)
	}})
	if err != nil || res.Verdict != harness.Unsafe {
		t.Fatalf("%s: %s %v", res.Verdict, res.Reason, err)
	}
	for _, model := range []string{"repeatable-read", "update-serializable", "read-atomic"} {
		if !slices.Contains(append(res.Not, res.AlsoNot...), model) {
			t.Errorf("%s is not ruled out", model)
		}
	}
}

// strictest is the model that is asked for by default.
const strictest = "strict-serializable"
