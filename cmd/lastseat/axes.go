package main

import (
	"fmt"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// axes are what the table's rows are made of.
type axes struct {
	targets    []suite.TargetSpec
	workloads  []string
	strategies []string // nil: all
	implied    bool     // strategies were not named: those that an engine does not have are no rows of its
	beside     []string // strategies that stand beside the others with nothing around the store
	levels     []harness.Level
	allLevels  bool  // every level that the server offers; without it and without levels: the server's default
	clients    []int // fewest first
	cells      []int // fewest first; nil: the workload's own number
	around     []suite.Environment
}

// parse reads the axes of names, and --reads.
func (a *axes) parse(r *raw) (err error) {
	if a.targets, err = suite.ParseTargets(targets.Table(), r.targets, r.dsn); err != nil {
		return err
	}
	if a.workloads, err = names.Pick("workload", r.workloads, workloads.Names()); err != nil {
		return err
	}
	if !slices.Contains(r.strategies, names.All) {
		if a.strategies, err = names.Pick("strategy", r.strategies, targets.StrategyNames()); err != nil {
			return err
		}
	}
	if a.levels, a.allLevels, err = suite.ParseLevels(r.levels); err != nil {
		return err
	}
	if r.reads != "one" && r.reads != "many" {
		return fmt.Errorf("--reads is %q, must be one or many", r.reads)
	}
	return nil
}

// steps are the values of an axis of numbers, smallest first, each once.
func steps(values []int) []int {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

// workloadsOf are the named workloads in a shape.
func workloadsOf(named []string, shape workloads.Config) []suite.Workload {
	var all []suite.Workload
	for _, name := range named {
		all = append(all, suite.Workload{Name: name, Cells: workloads.DefaultCells, New: func(cells int) (harness.Workload, error) {
			own := shape
			own.Cells = cells
			return workloads.New(name, own)
		}})
	}
	return all
}
