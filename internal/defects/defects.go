// Package defects knows faults of servers, not of lastseat, that break a promise once in a long while: tests and measurements that meet one
// go on. A defect excuses nothing but itself. docs/findings.md describes each.
package defects

import (
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
)

// Defect is a fault of a server.
type Defect struct {
	Name              string // what clients see
	Source            string // where it is described
	product, workload string
	check             string // the only check that it can break
	atMost            int64  // violations in one row
}

func known() []Defect {
	return []Defect{{
		Name: "a read that saw half of a transfer", Source: `docs/findings.md, "A read that saw half of a transfer"`,
		product: "MariaDB", workload: "transfer", check: "total", atMost: 20,
	}}
}

// Of is the defect that explains all that broke in a row promised to be safe, or nil.
func Of(product string, r *engine.Report, p promise.Promise) *Defect {
	if !p.Safe || r.Violations() == 0 {
		return nil
	}
	for _, d := range known() {
		if d.product == product && d.workload == r.Label.Workload && d.explains(r.Results) {
			return &d
		}
	}
	return nil
}

func (d *Defect) explains(results []engine.CheckResult) bool {
	for i := range results {
		res := &results[i]
		if res.Checker.Figure || res.Violations == 0 {
			continue
		}
		if res.Checker.Name != d.check || res.Violations > d.atMost {
			return false
		}
	}
	return true
}
