package reports

import (
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/suite"
)

// swept is a run over clients and cells: a row that is silent at 1 client, and two safe ones that cross.
func swept() *Result {
	r := &Result{Version: suite.Version, Seed: 5, Command: "lastseat run -c 1,2,4,8 --cells 1,1000", Servers: servers()[2:3]}
	speeds := map[string][]int64{ // by step, at 1 cell; far apart, or less than a tenth
		"naive-tx": {900, 1500, 2500, 2600}, "for-update": {800, 1300, 1500, 1450}, "optimistic": {1200, 1350, 900, 400},
	}
	promises := map[string]*promise.Promise{
		"naive-tx": lets("PostgreSQL read-committed", promise.P4), "for-update": lockPromise, "optimistic": verPromise,
	}
	for _, strategy := range []string{"naive-tx", "for-update", "optimistic"} {
		for _, cells := range []int{1, 1000} {
			for i, clients := range []int{1, 2, 4, 8} {
				r.Rows = append(r.Rows, sweptRow(strategy, promises[strategy], clients, cells, speeds[strategy][i]))
			}
		}
	}
	r.JudgeSweeps(1000)
	return r
}

func sweptRow(strategy string, p *promise.Promise, clients, cells int, speed int64) Row {
	crowd := int64(clients-1) * int64(clients-1)
	if cells > 1 {
		crowd, speed = crowd/20, speed*11/10
		if strategy == "optimistic" {
			speed = 1500 + 100*int64(clients)
		}
	}
	violations := int64(0)
	if !p.Safe {
		violations = 40 * crowd
	}
	row := ran("postgres", "PostgreSQL 15.19", strategy, rc, p, speed, time.Duration(clients)*time.Millisecond, violations)
	row.Clients, row.Cells, row.Report.Clients = clients, cells, clients
	row.Command = fmt.Sprintf("lastseat run --strategy %s -c %d --cells %d --random-seed 5", strategy, clients, cells)
	if strategy == "optimistic" {
		row = contended(row, float64(crowd)/70, 0.1)
	}
	switch trials := crowd * 300; {
	case violations > 0:
	case !p.Safe:
		row = undecidedRow(row, trials, "expected unsafe ("+p.Short+"), but this load did not show it", "run longer, or with --gap")
	case trials < 1000:
		row = undecidedRow(row, trials, fmt.Sprintf("only %d of 1000 trials", trials), "run longer, or with more clients on fewer cells")
	}
	return row
}

// repeated is a run of six repeats, against a reference, part of it limited by lastseat itself.
func repeated() *Result {
	const pg, ms = "PostgreSQL 15.19", time.Millisecond
	r := &Result{
		Version: suite.Version, Seed: 6, Command: "lastseat run --runs 6 --reference for-update", Servers: servers()[:3],
		Reference: suite.Reference{Strategy: "for-update"},
		Rows: []Row{
			repeatedRow(ran("memory", "", "mutex", none, lockPromise, 4_000_000, ms, 0), 0, 1, 2, 3, 4, 5),
			repeatedRow(ran("postgres", pg, "naive-tx", rc, lets("PostgreSQL read-committed", promise.P4), 2000, ms, 12), -40, 30, 10, 60, -10, -60),
			repeatedRow(ran("postgres", pg, "for-update", rc, lockPromise, 1500, ms, 0), -30, 25, 15, -20, 5, 0),
			repeatedRow(ran("postgres", pg, "for-update", rr, lockPromise, 1000, ms, 0), -30, 25, 15, -20, 5, 0),
			repeatedRow(ran("postgres", pg, "optimistic", rc, verPromise, 1510, ms, 0), -31, 26, 14, -28, 6, -14),
			repeatedRow(ran("postgres", pg, "optimistic", rr, verPromise, 700, ms, 0), -31, 26, 14, -28, 6, -14),
		},
	}
	r.Rows[0].Report.Generator = engine.Generator{CPU: 0.99, Alone: 6_200_000}
	r.Rows[2].Report.Generator = engine.Generator{CPU: 0.93}
	r.Rows[0].Runs[0].End, r.Rows[0].Runs[0].Timeline = 2e9, []engine.Point{{To: 1e9, Worked: 9e8, OK: 4, P50: ms}, {From: 1e9, To: 2e9, Worked: 1e9, OK: 5}}
	r.Rows[3].Report.Generator = engine.Generator{CPU: 0.31}
	return r
}

// repeatedRow makes the row's report that of repeats, each so many operations a second off.
func repeatedRow(row Row, off ...int64) Row {
	for _, d := range off {
		run := *row.Report
		run.Accounting.Outcomes[harness.OK] += 2 * d
		run.Accounting.Latency = row.Report.Accounting.Latency
		row.Runs = append(row.Runs, &run)
	}
	row.Report = engine.Merge(row.Runs, 1000)
	return row
}
