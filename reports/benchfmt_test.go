package reports

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// benchmarks reads what Benchfmt writes as benchstat does.
func benchmarks(t *testing.T, r *Result) []*benchfmt.Result {
	t.Helper()
	var all []*benchfmt.Result
	in := benchfmt.NewReader(strings.NewReader(written(t, r, Benchfmt)), "run.txt")
	for in.Scan() {
		switch rec := in.Result().(type) {
		case *benchfmt.Result:
			all = append(all, rec.Clone())
		case *benchfmt.SyntaxError:
			t.Error(rec)
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	if in.Units().GetBetter("ops/s") != 1 {
		t.Error("more ops/s are not better")
	}
	return all
}

// parts are what benchstat can filter and group by.
func parts(t *testing.T, res *benchfmt.Result, keys ...string) []string {
	t.Helper()
	var values []string
	for _, key := range keys {
		p, err := (&benchproc.ProjectionParser{}).Parse(key, nil)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, p.Project(res).Get(p.Fields()[0]))
	}
	return values
}

func TestBenchfmtNames(t *testing.T) {
	r := sample()
	r.Rows[0].Label.Target = "my memory\t1" // a name that the user may give
	r.Rows[8].Control = true
	all := benchmarks(t, r)
	if want := 17; len(all) != want { // 20 rows, 2 skipped, 1 control
		t.Fatalf("%d benchmarks, want %d", len(all), want)
	}
	got := parts(t, all[0], ".name", "/target", "/strategy", "/iso", "/cells", "/gomaxprocs", "goos", "server")
	if want := []string{"Seats", "my_memory_1", "naive", "", "10", "64", runtime.GOOS, ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got = parts(t, all[6], ".fullname", "/iso", "server")
	if want := []string{"Seats/target=postgres/strategy=naive-autocommit/iso=rr/cells=10-64", "rr", "PostgreSQL 15.19"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	names := map[string]bool{}
	for _, res := range all {
		names[string(res.Name)] = true
	}
	if len(names) != len(all) {
		t.Errorf("%d benchmarks have %d names", len(all), len(names))
	}
}

func TestBenchfmtFigures(t *testing.T) {
	r := sample()
	rep := r.Rows[9].Report // with latencies of some 11 ms
	r.Rows = r.Rows[9:10]
	rep.Accounting.Conflicts[harness.Deadlock] = rep.Accounting.Processed() / 2
	res := benchmarks(t, r)[0]
	near := func(unit string, want float64) {
		t.Helper()
		if got, ok := res.Value(unit); !ok || math.Abs(got-want) > 0.001*want {
			t.Errorf("%v %s, want %v", got, unit, want)
		}
	}
	ok := &rep.Accounting.Latency[harness.OK]
	near("sec/op", ok.Mean().Seconds())
	near("ops/s", rep.Goodput())
	near("p50-sec", ok.Quantile(0.50).Seconds())
	near("p99-sec", ok.Quantile(0.99).Seconds())
	near("conflicts/op", 0.5)
	near("tries/op", 1)
	if int64(res.Iters) != rep.Accounting.Outcomes[harness.OK] {
		t.Errorf("%d iterations, want %d", res.Iters, rep.Accounting.Outcomes[harness.OK])
	}
}

// TestBenchfmtRepeats: repeats are one sample, of which benchmath makes a median with its interval.
func TestBenchfmtRepeats(t *testing.T) {
	r := sample()
	row := r.Rows[9]
	for i := range 7 {
		rep := *row.Report
		rep.Elapsed += time.Duration(i-3) * 100 * time.Millisecond
		row.Runs = append(row.Runs, &rep)
	}
	idle := *row.Report
	idle.Accounting = engine.Accounting{}
	row.Runs = append(row.Runs, &idle) // nothing was measured
	r.Rows = []Row{row}
	var ops []float64
	for _, res := range benchmarks(t, r) {
		v, _ := res.Value("ops/s")
		ops = append(ops, v)
	}
	s := benchmath.AssumeNothing.Summary(benchmath.NewSample(ops, &benchmath.DefaultThresholds), 0.95)
	if len(ops) != 7 || len(s.Warnings) > 0 || s.Center != row.Report.Goodput() || s.Lo >= s.Center || s.Hi <= s.Center {
		t.Errorf("of %v: %+v", ops, s)
	}
}

func TestBenchfmtSweep(t *testing.T) {
	r := sample()
	one := r.Rows[9]
	few, crowd := one, one
	few.Cells = 1
	rep := *one.Report
	rep.Clients, crowd.Clients, crowd.Report = 8, 8, &rep
	r.Rows = []Row{one, few, crowd}
	var names []string
	for _, res := range benchmarks(t, r) {
		names = append(names, parts(t, res, "/cells")[0]+" "+parts(t, res, "/gomaxprocs")[0])
	}
	if want := []string{"10 64", "1 64", "10 8"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
