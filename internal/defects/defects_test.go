package defects

import (
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
)

// TestKnownDefect: a known defect excuses nothing but itself.
func TestKnownDefect(t *testing.T) {
	broke := func(check string, n int64) engine.CheckResult {
		return engine.CheckResult{Checker: harness.Checker{Name: check}, Finding: harness.Finding{Violations: n}}
	}
	lost := broke("lost-sales", 7)
	lost.Checker.Figure = true
	safe := promise.Promise{Safe: true}
	for _, c := range []struct {
		name, product, workload string
		verdict                 harness.Verdict
		promise                 promise.Promise
		results                 []engine.CheckResult
		want                    bool
	}{
		{"one wrong total", "MariaDB", "transfer", harness.Unsafe, safe, []engine.CheckResult{broke("total", 1), broke("journal", 0)}, true},
		{"beside a figure", "MariaDB", "transfer", harness.Unsafe, safe, []engine.CheckResult{broke("total", 2), lost}, true},
		{"too many", "MariaDB", "transfer", harness.Unsafe, safe, []engine.CheckResult{broke("total", 21)}, false},
		{"another check", "MariaDB", "transfer", harness.Unsafe, safe, []engine.CheckResult{broke("conservation", 1)}, false},
		{"another check too", "MariaDB", "transfer", harness.Unsafe, safe, []engine.CheckResult{broke("total", 1), broke("journal", 1)}, false},
		{"another product", "MySQL", "transfer", harness.Unsafe, safe, []engine.CheckResult{broke("total", 1)}, false},
		{"another workload", "MariaDB", "joint", harness.Unsafe, safe, []engine.CheckResult{broke("total", 1)}, false},
		{"promised unsafe", "MariaDB", "transfer", harness.Unsafe, promise.Promise{}, []engine.CheckResult{broke("total", 1)}, false},
		{"inconclusive", "MariaDB", "transfer", harness.Inconclusive, safe, nil, false},
	} {
		r := &engine.Report{}
		r.Label.Workload, r.Verdict, r.Results = c.workload, c.verdict, c.results
		if got := Of(c.product, r, c.promise) != nil; got != c.want {
			t.Errorf("%s: explained by a known defect = %v, want %v", c.name, got, c.want)
		}
	}
}
