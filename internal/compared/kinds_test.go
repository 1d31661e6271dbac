package compared

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports"
)

// rc is a level.
const rc = harness.ReadCommitted

// burst is a program in rounds.
func burst(v harness.Verdict, breaking, of int) []rounds.Report {
	c := rounds.Case{Operations: []string{"buy", "buy"}, Verdict: v, Breaking: breaking, Rounds: of, Trials: of}
	return []rounds.Report{{File: "my shop.yaml", Engine: "postgres", Server: "PostgreSQL 17", Level: rc, Asked: true, Clients: 2, Instances: 2, Cases: []rounds.Case{c}}}
}

// load is a program under a sustained load of some clients.
func load(clients int, ok int64) []rounds.Report {
	s := rounds.Step{
		Clients: clients, Seconds: 2, Verdict: harness.Safe, Latency: map[string]float64{"p50": 1, "p95": 2, "p99": 5, "max": 9}, Transactions: 1,
		Operations: []rounds.OperationCounts{{Name: "buy", OK: ok, Failed: 10}}, Conflicts: map[string]int64{"deadlock": 5},
	}
	return []rounds.Report{{File: "shop.yaml", Engine: "postgres", Level: rc, Clients: clients, Instances: 2, Duration: 2, Mix: "buy 1", Steps: []rounds.Step{s}}}
}

func explored(v harness.Verdict, breaking int) []program.Report {
	p := program.Pair{Operations: []string{"buy", "refund"}, Verdict: v, Breaking: breaking, Run: 6, Exhaustive: true}
	return []program.Report{{File: "shop.yaml", Engine: "postgres", Level: rc, Pairs: []program.Pair{p}}}
}

func cells(outcome string) *isolation.Result {
	return &isolation.Result{Rows: []isolation.Measured{
		{Target: "postgres", Server: "PostgreSQL 17", Isolation: rc, Anomaly: "G-single", Outcome: outcome, AsExpected: true, How: "it was played"},
		{Target: "postgres", Server: "PostgreSQL 17", Isolation: rc, Anomaly: "G0", Outcome: isolation.Prevented, AsExpected: true},
	}}
}

func checked(v harness.Verdict, model string) []recheck.Result {
	return []recheck.Result{{File: "night/a.edn", Workload: "append", Model: model, Verdict: v, Reason: "it shows G1c"}}
}

func patterns(v harness.Verdict) []suite.Explored {
	return []suite.Explored{{Label: harness.Label{Workload: "seats", Target: "memory", Strategy: "mutex", Isolation: harness.NoLevel}, Verdict: v, AsExpected: v == harness.Safe, Run: 6, Exhaustive: true}}
}

// file saves a result.
func file[R any](t *testing.T, name string, write func(io.Writer, R) error, r R) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestKinds: of each kind of result, what breaks and did not is found, and what did not change is not called so.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name       string
		sound, bad string
		row, again string
	}{
		{
			"rounds", file(t, "a", reports.RoundsJSON, burst(harness.Safe, 0, 1000)), file(t, "b", reports.RoundsJSON, burst(harness.Unsafe, 84, 100)),
			"buy × 2 at read-committed", "lastseat run 'my shop.yaml' --only buy -c 2 --isolation read-committed",
		},
		{
			"explore FILE.yaml", file(t, "a", reports.ProgramJSON, explored(harness.Safe, 0)), file(t, "b", reports.ProgramJSON, explored(harness.Unsafe, 4)),
			"buy with refund at read-committed", "lastseat explore shop.yaml --only buy,refund",
		},
		{
			"isolation", file(t, "a", reports.IsolationJSON, cells(isolation.Prevented)), file(t, "b", reports.IsolationJSON, cells(isolation.LetThrough)),
			"postgres@read-committed: G-single", "lastseat isolation --target postgres --isolation read-committed --anomaly G-single",
		},
		{
			"check", file(t, "a", reports.CheckedJSON, checked(harness.Safe, "")), file(t, "b", reports.CheckedJSON, checked(harness.Unsafe, "")),
			"a.edn", "lastseat check night/a.edn",
		},
		{
			"explore", file(t, "a", reports.ExploredJSON, patterns(harness.Safe)), file(t, "b", reports.ExploredJSON, patterns(harness.Unsafe)),
			"seats:memory/mutex", "lastseat explore --target memory --workload seats --strategy mutex",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			worse, err := Sides([]string{c.sound}, []string{c.bad}, []string{"new violation"})
			if err != nil {
				t.Fatal(err)
			}
			row := worse.Rows[0]
			if row.Change != compare.Violation || row.Name != c.row || row.Command != c.again || worse.ExitCode() != suite.ExitBroken || !worse.Thresholds[0].Failed {
				t.Errorf("%+v, exit code %d", row, worse.ExitCode())
			}
			better, err := Sides([]string{c.bad}, []string{c.sound}, []string{"new violation"})
			if err != nil {
				t.Fatal(err)
			}
			if better.Count(compare.Violation) > 0 || better.Count(compare.Better) != 1 || better.ExitCode() != suite.ExitAsExpected {
				t.Errorf("%+v", better.Rows)
			}
			same, err := Sides([]string{c.bad}, []string{c.bad}, []string{"new violation"})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range same.Rows {
				for _, f := range row.Figures {
					if f.Differs {
						t.Errorf("%s: %+v", row.Name, f)
					}
				}
				if row.Change != compare.Same {
					t.Errorf("%+v", row)
				}
			}
		})
	}
}

// TestUnlike: results of unlike things are refused, and what differs is said.
func TestUnlike(t *testing.T) {
	more := burst(harness.Safe, 0, 1000)
	more[0].Clients = 8
	faster := load(4, 100)
	faster[0].Rate = 50
	weighted := load(4, 100)
	weighted[0].Mix = "buy 3, look 1"
	single := explored(harness.Unsafe, 1)
	single[0].Pairs[0].Single = true
	loaded := file(t, "c", reports.RoundsJSON, load(4, 100))
	for _, c := range []struct{ old, now, want string }{
		{file(t, "a", reports.RoundsJSON, burst(harness.Safe, 0, 1000)), file(t, "b", reports.RoundsJSON, more), "-c is 2 in the old and 8 in the new"},
		{file(t, "a", reports.RoundsJSON, burst(harness.Safe, 0, 1000)), loaded, "load is rounds (no -d) in the old and sustained (-d) in the new"},
		{loaded, file(t, "b", reports.RoundsJSON, load(8, 100)), "clients: 4 in the old and 8 in the new"},
		{loaded, file(t, "b", reports.RoundsJSON, faster), "--rate is 0 in the old and 50 in the new"},
		{loaded, file(t, "b", reports.RoundsJSON, weighted), "operations and their weights is buy 1 in the old and buy 3, look 1 in the new"},
		{file(t, "a", reports.ProgramJSON, explored(harness.Safe, 0)), loaded, "the old is of lastseat explore FILE.yaml and the new of lastseat run FILE.yaml"},
		{file(t, "a", reports.ProgramJSON, explored(harness.Safe, 0)), file(t, "b", reports.ProgramJSON, single), "what is played is all schedules in the old and one schedule (--order) in the new"},
		{file(t, "a", reports.CheckedJSON, checked(harness.Safe, "serializable")), file(t, "b", reports.CheckedJSON, checked(harness.Safe, "causal")), "the old has a.edn (serializable), the new a.edn (causal)"},
	} {
		if _, err := Sides([]string{c.old}, []string{c.now}, nil); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	same := file(t, "copy", reports.RoundsJSON, load(4, 100))
	if _, err := Sides([]string{loaded}, []string{loaded, same}, nil); err == nil || !strings.Contains(err.Error(), "is the same result as") {
		t.Errorf("a result that is there twice: %v", err)
	}
}

// TestShareOfRounds: one result a side tells whether a program breaks more often, since its rounds are counted.
func TestShareOfRounds(t *testing.T) {
	for breaking, differs := range map[int]bool{84: true, 50: false} {
		r, err := Sides([]string{file(t, "a", reports.RoundsJSON, burst(harness.Unsafe, 48, 100))}, []string{file(t, "b", reports.RoundsJSON, burst(harness.Unsafe, breaking, 100))}, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := r.Rows[0].Figures[0]
		if f.Metric != threshold.Broken || !f.Known || f.Differs != differs || f.New.N != 100 || r.More != "" {
			t.Errorf("%d of 100: %+v, more %q", breaking, f, r.More)
		}
	}
}

// TestSustained: a result is one sample, six are enough, and the command for more is said.
func TestSustained(t *testing.T) {
	side := func(base int64) (paths []string) {
		for i := range int64(6) {
			paths = append(paths, file(t, "x", reports.RoundsJSON, load(4, base+i)))
		}
		return paths
	}
	old, now := side(1000), side(500)
	one, err := Sides(old[:1], now[:1], nil)
	if err != nil {
		t.Fatal(err)
	}
	if f := one.Rows[0].Figures[0]; f.Known || one.More != "for n in $(seq 6); do lastseat run shop.yaml -c 4 -d 2s --json new-$n.json; done" {
		t.Errorf("%+v, more %q", f, one.More)
	}
	all, err := Sides(old, now, []string{"4 clients: ops/s < 0.8 * baseline", "failed > 1%", "conflicts > 1%", "buy: p99 > 1s"})
	if err != nil {
		t.Fatal(err)
	}
	f := all.Rows[0].Figures[0]
	if f.Metric != threshold.Throughput || !f.Differs || !f.Worse || f.Old.Median != 501.25 {
		t.Errorf("%+v", f)
	}
	var failed []bool
	for _, o := range all.Thresholds {
		failed = append(failed, o.Failed)
	}
	if !failed[0] || !failed[1] || failed[2] || !failed[3] { // 1.9 % failed, 0.98 % conflicts; a step has no single operation's name
		t.Errorf("%+v", all.Thresholds)
	}
}
