package reports

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness/promise"
)

// paced is a sweep over rates: each row of dropped is so many of 1,000 operations that were due and not begun, a rate.
func paced(dropped map[string][]int64, violations int64) *Result {
	r := &Result{Version: 1, Seed: 7, Servers: servers()[2:3]}
	for _, strategy := range []string{"naive-tx", "for-update", "optimistic"} {
		for i, n := range dropped[strategy] {
			p, found := lockPromise, int64(0)
			if strategy == "naive-tx" {
				p, found = unsafePromise("lost update possible (P4)", "two clients", promise.P4), violations
			}
			row := ran("postgres", "PostgreSQL 15.19", strategy, rc, p, 500, time.Millisecond, found)
			row.Rate = []float64{1000, 2000, 4000}[i]
			a := &row.Report.Accounting
			for range 1000 - n {
				a.Lag.Record(time.Millisecond)
			}
			a.Dropped = n
			r.Rows = append(r.Rows, row)
		}
	}
	return r
}

func plainText(w io.Writer, r *Result) error { return Text(w, r, TableOptions{}) }

// TestKnee: a row keeps up as far as it begins 95 % of what is due; one that breaks does not hold, however fast it is.
func TestKnee(t *testing.T) {
	for name, c := range map[string]struct {
		result *Result
		want   []string
	}{
		"a knee each": {paced(map[string][]int64{"naive-tx": {0, 0, 0}, "for-update": {0, 50, 400}, "optimistic": {60, 0, 0}}, 9), []string{
			"naive-tx@rc: keeps up with every rate, to 4,000 operations/s due",
			"for-update@rc: keeps up to 2,000 operations/s due, the knee: at 4,000 operations/s due it begins 60.0% of what is due and answers 500 ok a second",
			"optimistic@rc: keeps up with none of these rates: at 1,000 operations/s due it begins 94.0% of what is due and answers 500 ok a second",
			"the highest rate at which a row keeps up and holds is 2,000 operations/s due: for-update@rc",
		}},
		"none at all": {paced(map[string][]int64{"naive-tx": {0, 0, 0}, "optimistic": {60, 0, 0}}, 9), []string{
			"no row keeps up and holds at any of these rates",
		}},
		"all of them": {paced(map[string][]int64{"for-update": {0, 0, 0}, "optimistic": {0, 0, 0}}, 0), []string{
			"the highest rate at which a row keeps up and holds is 4,000 operations/s due: for-update@rc, optimistic@rc; higher ones were not tried",
		}},
	} {
		charts := groups(c.result)[0].charts(axesOf(c.result))
		if len(charts) != 1 {
			t.Fatalf("%s: %d charts", name, len(charts))
		}
		got := charts[0].knees()
		if diff := cmp.Diff(c.want, got[len(got)-len(c.want):]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if text := written(t, c.result, plainText); !strings.Contains(text, "due/s") || !strings.Contains(text, "by operations/s due: ") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// TestSkewIsAnAxis: rows that differ in the zipfian constant are drawn over it, and have a column of it.
func TestSkewIsAnAxis(t *testing.T) {
	r := paced(map[string][]int64{"for-update": {0, 0, 0}}, 0)
	for i := range r.Rows {
		r.Rows[i].Rate, r.Rows[i].Skew = 0, []float64{0.5, 0.8, 0.99}[i]
	}
	text := written(t, r, plainText)
	for _, want := range []string{"zipfian", "0.99", "by zipfian constant: "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "knee") || strings.Contains(text, "due/s") {
		t.Errorf("no rate was asked for:\n%s", text)
	}
	if names := []string{nameOf(r, &r.Rows[0]), nameOf(r, &r.Rows[2])}; !slices.Equal(names, []string{
		"seats on postgres/for-update@read-committed at zipfian constant 0.5", "seats on postgres/for-update@read-committed at zipfian constant 0.99",
	}) {
		t.Error(names)
	}
}
