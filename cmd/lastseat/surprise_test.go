package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
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
			cfg := harness.DefaultConfig()
			cfg.Concurrency, cfg.Budget, cfg.Reserve = 8, time.Second, time.Minute
			opt := &options{
				axes:   axes{targets: []targetSpec{o.spec}, workloads: []string{"seats"}, strategies: controlNames, clients: []int{8}},
				config: cfg, runs: 1, explain: true, flags: pflag.NewFlagSet("run", pflag.ContinueOnError),
			}
			rows, err := plan(t.Context(), opt, []*opened{o})
			if err != nil {
				t.Fatal(err)
			}
			m := &matrix{
				opt: opt, result: &reports.Result{}, controls: map[controlKey]*harness.Control{}, gone: map[string]error{},
				progress: reports.NewProgress(io.Discard, reports.ProgressOptions{}),
			}
			for i := range rows {
				if rows[i].offer.Skip == "" {
					rows[i].offer.Promise = harness.Promise{Safe: true, Short: "a lie", Reason: "a lie"}
					rows[i].budget = time.Second
					m.rows = append(m.rows, rows[i])
				}
			}
			m.run(t.Context())
			if err := m.explain(t.Context()); err != nil {
				t.Fatal(err)
			}
			row := &m.result.Rows[0]
			if row.Explored == nil || row.Explored.Shortest == nil || row.Explored.Shortest.Preemptions != 1 {
				t.Fatalf("%+v", row.Explored)
			}
			var text bytes.Buffer
			if err := reports.Explain(&text, m.result); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), "simplest") || !strings.Contains(text.String(), "client 1: buy") {
				t.Errorf("the report does not show the schedule:\n%s", text.String())
			}
		})
	}
}
