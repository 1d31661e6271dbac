package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/workloads"
)

// TestExportEDN: what --export-edn writes of a history of lastseat's own, of whatever workload, is read back as the same
// transactions, and shows the same anomalies and models.
func TestExportEDN(t *testing.T) {
	for _, k := range workloads.Table() {
		t.Run(k.Name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			Main([]string{
				"run", "--target", "sqlite", "--workload", k.Name, "--strategy", "naive-autocommit,naive-tx,plain", "-n", "1000", "-c", "8", "--gap", "100us",
				"--min-trials", "1", "--out", out,
			}, io.Discard, io.Discard)
			files, err := filepath.Glob(filepath.Join(out, "histories", "*.jsonl"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no histories: %v", err)
			}
			for _, file := range files {
				exported := filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".jsonl")+".edn")
				sameExported(t, file, exported)
			}
		})
	}
}

func sameExported(t *testing.T, file, exported string) {
	t.Helper()
	rec, err := history.Load(file, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := exportEDN(exported, io.Discard, rec); err != nil {
		t.Fatal(err)
	}
	own, err := recheck.Transactions(rec)
	if err != nil {
		t.Fatal(err)
	}
	again, err := history.Load(exported, "")
	if err != nil {
		t.Fatalf("%s cannot be read back: %v", filepath.Base(file), err)
	}
	want, err := anomaly.Judge(t.Context(), own, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := anomaly.Judge(t.Context(), again.Transactions, "")
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != want.Verdict || !slices.Equal(got.Anomalies, want.Anomalies) || !slices.Equal(got.Not, want.Not) {
		t.Errorf("%s: %s, %q, not %q; read back %s, %q, not %q", filepath.Base(file), want.Verdict, want.Anomalies, want.Not, got.Verdict, got.Anomalies, got.Not)
	}
	if own.Len() != again.Transactions.Len() {
		t.Errorf("%s: %d transactions, read back %d", filepath.Base(file), own.Len(), again.Transactions.Len())
	}
	var text strings.Builder
	if code := Main([]string{"check", exported}, &text, &text); code == suite.ExitSetup {
		t.Errorf("check %s: %s", filepath.Base(exported), text.String())
	}
}
