package reports

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
)

// step is a row of a sweep over clients, undecided, with so many trials.
func step(strategy string, p *promise.Promise, clients int, trials int64) Row {
	row := ran("postgres", "PostgreSQL 15.19", strategy, rc, p, 1000, time.Millisecond, 0)
	row.Clients, row.Report.Clients = clients, clients
	why := "only " + number(trials) + " of 1000 trials"
	if !p.Safe {
		why = "expected unsafe (" + p.Short + "), but this load did not show it"
	}
	return undecidedRow(row, trials, why, "run longer")
}

func broke(row Row) Row {
	row.Report.Verdict, row.Report.AsExpected = harness.Unsafe, !row.Expected.Safe
	row.Report.Results[0].Violations = 3
	return row
}

func proven(row Row) Row {
	row.Report.Verdict, row.Report.AsExpected, row.Report.Reason = harness.Safe, true, row.Expected.Reason
	return row
}

func TestSweepIsJudgedAsAWhole(t *testing.T) {
	naive := func(clients int) Row { return step("naive-tx", splitPromise, clients, 5000) }
	lock := func(clients int, trials int64) Row { return step("for-update", lockPromise, clients, trials) }
	unvouched := func(row Row) Row {
		row.Report.Results[1].Vouched = ""
		return row
	}
	failed := Row{Label: naive(1).Label, Expected: splitPromise, Clients: 2, Cells: 10, Err: errors.New("server lost")}
	other := lock(8, 10)
	other.Cells = 1000
	for _, test := range []struct {
		name   string
		rows   []Row
		want   string // verdicts
		reason string // of the last row, in part
		exit   int
	}{
		{"unsafe, shown at one step", []Row{naive(1), broke(naive(2)), naive(4)}, "quiet unsafe quiet", "nothing shown at 4 clients", 0},
		{"unsafe, shown at no step", []Row{naive(1), naive(2), naive(4)}, "quiet quiet inconclusive", "did not show it (3 steps together)", 3},
		{"safe at one step", []Row{lock(1, 0), proven(lock(2, 1200)), lock(4, 700)}, "quiet safe quiet", "only 700 of 1000 trials", 0},
		{"safe by all steps together", []Row{lock(1, 0), lock(2, 400), lock(4, 700)}, "quiet quiet safe", "locks before it reads (3 steps together)", 0},
		{"too little at all steps together", []Row{lock(1, 0), lock(2, 400), lock(4, 599)}, "quiet quiet inconclusive", "only 999 of 1000 trials (3 steps together)", 3},
		{"promised safe, and broken at one step", []Row{proven(lock(1, 1200)), lock(2, 10), broke(lock(4, 5000))}, "safe quiet unsafe", "", 1},
		{"enough trials, but a check that could not fail", []Row{unvouched(lock(1, 900)), unvouched(lock(2, 900))}, "quiet inconclusive", "could not be shown to fail", 3},
		{"one step vouches for the checks of all", []Row{unvouched(lock(1, 900)), lock(2, 900)}, "quiet safe", "", 0},
		{"a step that failed stays failed", []Row{broke(naive(1)), failed}, "unsafe inconclusive", "server lost", 2},
		{"other cells are another sweep", []Row{proven(lock(1, 1200)), other}, "safe inconclusive", "only 10 of 1000 trials", 3},
		{"a single row is no sweep", []Row{naive(1)}, "inconclusive", "expected unsafe", 3},
	} {
		r := &Result{Rows: test.rows}
		r.JudgeSweeps(1000)
		var got []string
		for i := range r.Rows {
			got = append(got, string(r.Rows[i].Verdict()))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s, want %s", test.name, s, test.want)
		}
		if last := &r.Rows[len(r.Rows)-1]; !strings.Contains(last.Reason(), test.reason) {
			t.Errorf("%s: reason %q, want one with %q", test.name, last.Reason(), test.reason)
		}
		if exit := r.ExitCode(); exit != test.exit {
			t.Errorf("%s: exit code %d, want %d", test.name, exit, test.exit)
		}
	}
}
