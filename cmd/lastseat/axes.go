package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// parseAxes reads the axes of names, and --reads, which shapes the workloads.
func parseAxes(cfg *suite.Config, shape *workloads.Config, r *raw) (err error) {
	if cfg.Targets, err = suite.ParseTargets(targets.Table(), r.targets, r.dsn); err != nil {
		return err
	}
	picked, err := names.Pick("workload", r.workloads, workloads.Names())
	if err != nil {
		return err
	}
	cfg.Workloads = workloadsOf(picked, shape)
	if !slices.Contains(r.strategies, names.All) {
		if cfg.Strategies, err = names.Pick("strategy", r.strategies, targets.StrategyNames()); err != nil {
			return err
		}
	}
	if cfg.Levels, cfg.AllLevels, err = suite.ParseLevels(r.levels); err != nil {
		return err
	}
	if r.reads != "one" && r.reads != "many" {
		return fmt.Errorf("--reads is %q, must be one or many", r.reads)
	}
	shape.ManyReads = r.reads == "many"
	return nil
}

// steps are the values of an axis of numbers, smallest first, each once.
func steps[T cmp.Ordered](values []T) []T {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

// workloadsOf are the named workloads, in the shape that is known once they are made.
func workloadsOf(named []string, shape *workloads.Config) []suite.Workload {
	var all []suite.Workload
	for _, name := range named {
		all = append(all, suite.Workload{Name: name, Cells: workloads.DefaultCells, New: func(cells int, skew float64) (harness.Workload, error) {
			own := *shape
			own.Cells, own.ZipfianConstant = cells, cmp.Or(skew, own.ZipfianConstant)
			return workloads.New(name, own)
		}})
	}
	return all
}
