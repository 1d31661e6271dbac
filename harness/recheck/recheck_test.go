package recheck

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// TestRecording: histories of others are judged by their transactions or by the rules of their workload, and the exit code is that of
// the worst.
func TestRecording(t *testing.T) {
	for _, c := range []struct {
		name, text string
		verdict    harness.Verdict
		anomaly    string
		exit       int
	}{
		{
			"cycle.edn", `{:type :ok, :process 0, :f :txn, :value [[:append 1 1] [:r 2 [2]]]}
{:type :ok, :process 1, :f :txn, :value [[:append 2 2] [:r 1 [1]]]}`, harness.Unsafe, "G1c", 1,
		},
		{
			"serial.edn", `{:type :invoke, :process 0, :f :txn, :value [[:append 1 1]]}
{:type :ok, :process 0, :f :txn, :value [[:append 1 1]]}
{:type :invoke, :process 0, :f :txn, :value [[:r 1 nil]]}
{:type :ok, :process 0, :f :txn, :value [[:r 1 [1]]]}`, harness.Safe, "", 0,
		},
		{
			"set.edn", `{:type :invoke, :process 0, :f :add, :value 1}
{:type :ok, :process 0, :f :add, :value 1}
{:type :invoke, :process 0, :f :read, :value nil}
{:type :ok, :process 0, :f :read, :value #{}}`, harness.Unsafe, "lost", 1,
		},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		rec, err := history.Load(path, "")
		if err != nil {
			t.Fatal(err)
		}
		res, err := Recording(t.Context(), path, rec, &Options{})
		if err != nil || res.Verdict != c.verdict || res.Reason == "" {
			t.Errorf("%s is %s (%s), want %s: %v", c.name, res.Verdict, res.Reason, c.verdict, err)
		}
		if c.anomaly != "" && (!slices.Contains(res.Anomalies, c.anomaly) || len(res.Witnesses) == 0) {
			t.Errorf("%s shows %q with %d witnesses, want %s", c.name, res.Anomalies, len(res.Witnesses), c.anomaly)
		}
		if code := ExitCode([]Result{{Verdict: harness.Safe}, res}); code != c.exit {
			t.Errorf("%s: exit code %d, want %d", c.name, code, c.exit)
		}
	}
}
