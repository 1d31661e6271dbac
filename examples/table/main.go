// Command table runs a whole table from a program: seats on two embedded engines, under every strategy, with positive controls,
// budgets and a sweep over clients, as lastseat run does. Only reports print.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/reports"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(suite.ExitSetup)
	}
}

func run(ctx context.Context) (err error) {
	cfg := suite.Config{
		Workloads: []suite.Workload{{
			Name: "seats", Cells: workloads.DefaultCells,
			New: func(cells int, _ float64) (harness.Workload, error) {
				return workloads.New("seats", workloads.Config{Cells: cells})
			},
		}},
		Clients: []int{4, 32},
		Each:    engine.DefaultConfig(),
	}
	for _, e := range targets.Table() {
		if e.Embedded {
			cfg.Targets = append(cfg.Targets, suite.TargetSpec{Name: e.Name, Engine: e})
		}
	}
	table, err := suite.Open(ctx, cfg)
	if err != nil {
		return err
	}
	result := table.Run(ctx)
	if err := table.Close(); err != nil {
		return err
	}
	return reports.Text(os.Stdout, result, reports.TableOptions{})
}
