package conformance

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// measuredTime is a time as reports write it: 3.9 ms, 12s, 1m30s.
var measuredTime = regexp.MustCompile(`\b\d+(\.\d+)? ?(ns|µs|ms|s|min|seconds?)\b`)

// clients is how many connections a scenario needs at most, its bystander included.
const clients = 4

// TestExploreEveryRow is the table of promises, checked a second way: each row whose promise is unsafe is broken by some schedule
// of its workload's scenarios, each row whose promise is safe by none of those that are run. The reports speak of turns, never of seconds.
// As in TestEveryRowIsAsExpected seats are explored at every level, and the other workloads leave out the levels that decide nothing, which
// are for the whole matrix.
func TestExploreEveryRow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes; run without -short")
	}
	t.Parallel()
	for _, engine := range targets.Single() {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel() // one client at a time is at work, and waits for its server most of the time
			o := openWith(t, engine.Name, store.OpenConfig{Connections: clients, Volatile: true, Socket: true, PipeBegin: true})
			x := &suite.Explorer{Config: suite.Config{AllLevels: true}, First: true}
			for _, k := range workloads.Table() {
				x.Config.Workloads = append(x.Config.Workloads, workloadOf(k.Name, workloads.Config{}))
			}
			rows, err := x.Rows(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			schedules := 0
			var texts strings.Builder
			explored := 0
			for _, row := range rows {
				if !required.Whole() && row.Label.Workload != "seats" && !levelsThatDecide(rows, row) {
					continue
				}
				explored++
				x.Schedules = 40
				if row.Skip == "" && !row.Expected.Safe {
					x.Schedules = 600
				}
				e, err := x.Row(t.Context(), row)
				switch {
				case err != nil:
					t.Fatal(err)
				case !e.AsExpected && e.Verdict != harness.Skipped:
					t.Errorf("%s on %s is %s: %s", e.Workload, e.Label, e.Verdict, fmt.Sprint(e.Breaking, " of ", e.Run, " schedules break"))
				}
				schedules += e.Run
				if err := reports.ExploredText(&texts, e); err != nil {
					t.Fatal(err)
				}
			}
			for line := range strings.Lines(texts.String()) {
				if measuredTime.MatchString(line) {
					t.Errorf("a schedule has turns, and this text has times: %s", line)
				}
			}
			t.Logf("%s: %d of %d rows, %d schedules", o.Info, explored, len(rows), schedules)
		})
	}
}

// TestLockTimeoutsOfPatterns: strategies take back all of a transaction of which a statement ran into its lock time-out. Those promised
// safe are not accused for it.
func TestLockTimeoutsOfPatterns(t *testing.T) {
	t.Parallel()
	for _, engine := range targets.Single() {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			o := openWith(t, engine.Name, store.OpenConfig{Connections: clients, Volatile: true, Socket: true, PipeBegin: true, BriefWaits: true})
			x := &suite.Explorer{
				Config: suite.Config{
					Workloads: []suite.Workload{workloadOf("transfer", workloads.Config{})}, Strategies: []string{"for-update", "atomic", "naive-tx"},
				},
				Clients: 2, Schedules: suite.DefaultSchedules, LockTimeouts: true,
			}
			rows, err := x.Rows(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			tried := 0
			for _, row := range rows {
				e, err := x.Row(t.Context(), row)
				if err != nil || !e.AsExpected && e.Verdict != harness.Skipped {
					t.Errorf("%s on %s is %s: %v", e.Workload, e.Label, e.Verdict, err)
				}
				tried += e.LockTimeouts
			}
			if has := engine.LockTimeout.Code != ""; tried > 0 != has {
				t.Errorf("%d lock time-outs were tried", tried)
			}
		})
	}
}

// TestReducedEqualsFull: leaving out schedules that differ only in steps that commute leaves out no result: what clients are told,
// what they find, and what the store holds in the end.
func TestReducedEqualsFull(t *testing.T) {
	t.Parallel()
	for _, engine := range targets.Single() {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			o := openWith(t, engine.Name, store.OpenConfig{Connections: clients, Volatile: true, Socket: true, PipeBegin: true})
			full, reduced := 0, 0
			for _, c := range []struct {
				workload string
				scenario int
			}{{"seats", 0}, {"joint", 0}, {"transfer", 1}} {
				for _, strategy := range []string{"naive", "striped", "naive-tx", "for-update", "optimistic"} {
					for _, level := range o.Server.Levels() {
						f, r := bothWays(t, o, c.workload, c.scenario, strategy, level)
						full, reduced = full+f, reduced+r
					}
				}
			}
			if full == 0 || reduced >= full {
				t.Errorf("%d schedules in full, %d reduced", full, reduced)
			}
			t.Logf("%s: %d schedules in full, %d reduced", o.Info, full, reduced)
		})
	}
}

// TestStructuresOfJoint is the same on a server that watches what is read. The oracle runs all orders but of what touches
// nothing that others do.
func TestStructuresOfJoint(t *testing.T) {
	t.Parallel()
	scenarios := []int{0, 1}
	if required.Whole() {
		scenarios = append(scenarios, 2, 3) // 21,000 schedules
	}
	o := openWith(t, "postgres", store.OpenConfig{Connections: clients, Volatile: true, Socket: true, PipeBegin: true})
	for _, scenario := range scenarios {
		ways := [2]way{{traits: explore.Traits{TxSnapshot: true, Watches: true}}, {traits: suite.TraitsAt(o.Server, harness.Serializable)}}
		most, fewest := compareWays(t, o, "joint", scenario, "naive-tx", harness.Serializable, ways)
		if fewest*5 > most {
			t.Errorf("joint %d: %d schedules, and still %d", scenario, most, fewest)
		}
		t.Logf("joint %d: %d schedules, and %d of them stand for all", scenario, most, fewest)
	}
}

// way is how schedules are chosen.
type way struct {
	traits explore.Traits
	full   bool
}

// bothWays runs a scenario's schedules in full and reduced, and compares the results that there are.
func bothWays(t *testing.T, o *suite.Opened, workload string, scenario int, strategy string, level harness.Level) (full, reduced int) {
	t.Helper()
	traits := suite.TraitsAt(o.Server, level)
	return compareWays(t, o, workload, scenario, strategy, level, [2]way{{traits, true}, {traits, false}})
}

// compareWays runs a scenario's schedules in two ways, and compares the results that there are, and how simple the simplest is that breaks.
func compareWays(t *testing.T, o *suite.Opened, workload string, scenario int, strategy string, level harness.Level, ways [2]way) (one, other int) {
	t.Helper()
	w, err := workloads.New(workload, workloads.Config{})
	if err != nil {
		t.Fatal(err)
	}
	sc := w.(store.Staged).Scenarios()[scenario]
	offer, err := o.Server.Row(store.RowSpec{Strategy: strategy, Level: level, Start: sc.Workload.Init(), Samples: sc.Ops})
	if err != nil {
		t.Fatal(err)
	}
	if offer.Skip != "" {
		return 0, 0
	}
	var seen [2]map[string]bool
	var reports [2]*explore.Report
	for i, how := range ways {
		seen[i] = map[string]bool{}
		c := explore.Case{
			Targets: []harness.Target{offer.Target}, Scenario: sc, Traits: how.traits, Full: how.full,
			Observe: func(_ explore.Schedule, h *harness.History, broken bool) { seen[i][cameOf(h, broken)] = true },
		}
		if reports[i], err = c.Run(t.Context()); err != nil {
			t.Fatalf("%s %s@%s: %v", workload, strategy, level, err)
		}
	}
	if !maps.Equal(seen[0], seen[1]) {
		t.Errorf("%s %s@%s: %d schedules have these results:\n%s\n%d others these:\n%s", workload, strategy, level,
			reports[0].Run, strings.Join(slices.Sorted(maps.Keys(seen[0])), "\n"), reports[1].Run, strings.Join(slices.Sorted(maps.Keys(seen[1])), "\n"))
	}
	if a, b := reports[0].Shortest, reports[1].Shortest; a != nil && b != nil && a.Preemptions != b.Preemptions {
		t.Errorf("%s %s@%s: the simplest that breaks has %d preemptions of all, and %d of those that stand for all", workload, strategy, level, a.Preemptions, b.Preemptions)
	}
	return reports[0].Run, reports[1].Run
}

// cameOf is what came of a schedule, times left out.
func cameOf(h *harness.History, broken bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "broken %v, values %v, versions %v", broken, h.Final.Values, h.Final.Versions)
	for r := range h.Ops() {
		fmt.Fprintf(&b, "; client %d %s %v", r.Process(), r.Outcome, r.Accesses)
	}
	return b.String()
}
