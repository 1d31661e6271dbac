package recheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		if code, _ := ExitCode([]Result{{Verdict: harness.Safe}, res}, nil); code != c.exit {
			t.Errorf("%s: exit code %d, want %d", c.name, code, c.exit)
		}
	}
}

// TestExitCode: what is broken counts most, then that it was interrupted.
func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		verdicts []harness.Verdict
		err      error
		want     int
	}{
		{[]harness.Verdict{harness.Safe}, nil, 0},
		{[]harness.Verdict{harness.Safe, harness.Inconclusive}, nil, 3},
		{[]harness.Verdict{harness.Inconclusive}, context.Canceled, 130},
		{[]harness.Verdict{harness.Unsafe}, context.Canceled, 1},
	} {
		var files []Result
		for _, v := range c.verdicts {
			files = append(files, Result{Verdict: v})
		}
		if code, err := ExitCode(files, c.err); code != c.want || err != nil {
			t.Errorf("%v, %v: %d, %v", c.verdicts, c.err, code, err)
		}
	}
	if _, err := ExitCode(nil, io.EOF); !errors.Is(err, io.EOF) {
		t.Error("an error is lost")
	}
}

// TestJudgingEnds: who no longer waits for a verdict is not kept by a search that goes on.
func TestJudgingEnds(t *testing.T) {
	var b strings.Builder
	for i := range 400 { // values that many wrote, and that are read in no order
		fmt.Fprintf(&b, "{:type :ok, :process %d, :f :txn, :value [[:w %d %d] [:r %d %d]]}\n", i%40, i%3, i%2, (i+1)%3, i*i%2)
	}
	rec, err := history.ReadAny(strings.NewReader(b.String()), "h", "register")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Recording(ctx, "h", rec, &Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}
