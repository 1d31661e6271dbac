package conformance

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// TestSurpriseIsExplained promises that a broken row is safe: run finds that it is not, and --explain adds the smallest schedule
// that shows why.
func TestSurpriseIsExplained(t *testing.T) {
	for _, e := range targets.Table() {
		if !e.Embedded {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			o := openTarget(t, e.Name, 8)
			cfg := suite.Config{
				Workloads: []suite.Workload{workloadOf("seats", workloads.Config{})}, Strategies: []string{"naive", "naive-autocommit"},
				Clients: []int{8}, Each: engine.DefaultConfig(),
			}
			cfg.Each.Reserve = time.Minute
			table := planned(t, cfg, o)
			table.Rows = slices.DeleteFunc(table.Rows, func(r *suite.Row) bool { return r.Skip != "" })
			for _, row := range table.Rows {
				row.Expected, row.Budget = &promise.Promise{Safe: true, Short: "a lie", Reason: "a lie"}, time.Second
			}
			result := table.Run(t.Context())
			x := &suite.Explorer{Schedules: suite.DefaultSchedules, First: true}
			if err := x.Explain(t.Context(), result); err != nil {
				t.Fatal(err)
			}
			row := &result.Rows[0]
			if row.Explored == nil || row.Explored.Shortest == nil || row.Explored.Shortest.Preemptions != 1 {
				t.Fatalf("%+v", row.Explored)
			}
			var text bytes.Buffer
			if err := reports.Explain(&text, result, 0); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), "simplest") || !strings.Contains(text.String(), "client 1: buy") {
				t.Errorf("the report does not show the schedule:\n%s", text.String())
			}
		})
	}
}

// TestSurpriseOfWorkersIsExplained: where other processes had the clients, the row's server is opened anew.
func TestSurpriseOfWorkersIsExplained(t *testing.T) {
	o := openWith(t, "postgres", store.OpenConfig{Connections: 4, Workers: 2})
	table := planned(t, suite.Config{
		Workloads: []suite.Workload{workloadOf("seats", workloads.Config{})}, Strategies: []string{"naive-autocommit"}, Clients: []int{4}, Each: engine.DefaultConfig(),
	}, o)
	row := table.Rows[0]
	row.Expected = &promise.Promise{Safe: true, Short: "a lie", Reason: "a lie"}
	row.Report = &engine.Report{Judgement: engine.Judgement{Verdict: harness.Unsafe}, Workers: []engine.Worker{{Name: "w1"}}}
	result := &suite.Result{Rows: []suite.Row{*row}}
	x := &suite.Explorer{Schedules: suite.DefaultSchedules, First: true}
	if err := x.Explain(t.Context(), result); err != nil {
		t.Fatal(err)
	}
	if e := result.Rows[0].Explored; e == nil || e.Shortest == nil || e.Shortest.Preemptions != 1 {
		t.Fatalf("%+v", e)
	}
}
