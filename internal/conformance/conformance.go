// Package conformance holds the tests that range over the tables: every engine, strategy, level, workload and component against the
// promise of its row, by stress and by exploring. Only its tests do anything; start at TestEveryRowIsAsExpected.
package conformance

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// engineNamed is the engine of the table with a name, or nil.
func engineNamed(name string) *store.Engine {
	for _, e := range targets.Table() {
		if e.Name == name {
			return &e
		}
	}
	return nil
}

// workloadOf is a workload of the table in a shape.
func workloadOf(name string, shape workloads.Config) suite.Workload {
	return suite.Workload{Name: name, Cells: workloads.DefaultCells, New: func(cells int, _ float64) (harness.Workload, error) {
		own := shape
		own.Cells = cells
		return workloads.New(name, own)
	}}
}
