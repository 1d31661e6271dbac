package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// counted is bump with a check that rests on every operation.
type counted struct{ bump }

func (counted) Checks() []harness.Checker {
	return []harness.Checker{{
		Name: "twice", Rule: "none is done twice", Unit: "operations", NeedsOps: true,
		Check: func(_ context.Context, h *harness.History) harness.Finding {
			var f harness.Finding
			for r := range h.Ops() {
				if r.Tries > 1 {
					f.Involve(r.ID)
					f.Add(func() string { return h.When(&r) })
				}
			}
			return f
		},
		Plant: func(h *harness.History) (*harness.History, bool) {
			return h.Edited(harness.OpID(0, 1), func(r *harness.Record, _ []harness.Access) { r.Tries = 2 }), h.Len() > 0
		},
	}}
}

func acks() *script {
	return &script{do: func(context.Context, *harness.Op) harness.Result { return harness.Result{Outcome: harness.OK} }}
}

// TestRowsOnDisk: the verdict of a row whose history went to disk is that of the same history in memory.
func TestRowsOnDisk(t *testing.T) {
	for name, tries := range map[string]int{"holds": 0, "breaks": 1} {
		s := acks()
		s.do = func(_ context.Context, op *harness.Op) harness.Result {
			return harness.Result{Outcome: harness.OK, Further: tries * (harness.OpSeq(op.ID) / 3000)}
		}
		cfg := config(4, 20_000)
		cfg.SpoolAfter = 1
		rep, err := engine.Run(t.Context(), engine.Row{Workload: counted{}, Target: s}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if h := rep.History; !h.Spool.Spills() || h.Len() != 20_000 {
			t.Fatalf("%s: spills %v, %d operations", name, h.Spool.Spills(), h.Len())
		}
		inMemory := *rep.History
		inMemory.Spool, inMemory.Logs = nil, nil
		for _, l := range rep.History.Logs {
			own := &harness.Log{Process: l.Process}
			for i := range l.Len() {
				r := l.At(i)
				own.Append(*r.Record, r.Accesses...)
			}
			inMemory.Logs = append(inMemory.Logs, own)
		}
		again := engine.Judge(t.Context(), &inMemory, nil, nil, nil, cfg.MinTrials)
		if again.Trials != rep.Trials || rep.Trials == 0 && name == "holds" {
			t.Errorf("%s: %d trials, in memory %d", name, rep.Trials, again.Trials)
		}
		for i, c := range (counted{}).Checks() {
			if want := c.Check(t.Context(), &inMemory); !reflect.DeepEqual(rep.Results[i].Finding, want) || (want.Violations > 0) != (tries > 0) {
				t.Errorf("%s: %+v, in memory %+v", name, rep.Results[i].Finding, want)
			}
		}
		if err := rep.History.Spool.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestDiskFails: where the history cannot be kept the row ends, nothing that was recorded is lost, and it is inconclusive and says why.
func TestDiskFails(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	cfg := engine.DefaultConfig()
	cfg.Concurrency, cfg.Duration, cfg.SpoolAfter, cfg.MinTrials = 4, 10*time.Minute, 1, 1
	rep, err := engine.Run(t.Context(), engine.Row{Workload: counted{}, Target: acks()}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Verdict != harness.Inconclusive || !strings.Contains(rep.Reason, "could not be kept on disk: ") || !strings.Contains(rep.Reason, os.Getenv("TMPDIR")) || rep.Advice == "" {
		t.Errorf("%s: %q, %q", rep.Verdict, rep.Reason, rep.Advice)
	}
	if n := int64(rep.History.Len()); n != rep.Accounting.Processed() || n == 0 {
		t.Errorf("%d of %d operations are kept", n, rep.Accounting.Processed())
	}
}
