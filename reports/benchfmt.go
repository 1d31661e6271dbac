package reports

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
)

// Benchfmt writes the rows in the Go benchmark format, for benchstat: a line for each repeat of a row,
//
//	BenchmarkSeats/target=postgres/strategy=for-update/iso=rc/cells=10-64
//
// where 64 is the number of clients. Iterations are the ok operations, and the figures are:
//
//	ns/op         mean latency of ok operations, retries and pauses included. Clients work at once, so this is not the time
//	              divided by the iterations: for that see ops/s
//	ops/s         goodput: ok operations a second
//	p50-ns        latency of ok operations: median
//	p99-ns        … 99th percentile
//	conflicts/op  attempts that a conflict ended, an operation of any outcome
//	tries/op      attempts, an operation of any outcome
//
// Unsafe rows have their lines too: what safety costs is the difference. Rows that ran only as controls and repeats without
// an ok operation have none. Before a row stands what it ran on, as goos, goarch and server; benchstat compares lines only
// where these are equal, or -ignore names them.
func Benchfmt(w io.Writer, r *Result) error {
	w = harness.VisibleWriter(w)
	var b strings.Builder
	// Of the other units, less is better.
	fmt.Fprintf(&b, "Unit ops/s better=higher\ngoos: %s\ngoarch: %s\n", runtime.GOOS, runtime.GOARCH)
	server := ""
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.Judged() || row.Report == nil {
			continue
		}
		if row.Server != server {
			server = row.Server
			fmt.Fprintf(&b, "server: %s\n", oneLine(server))
		}
		repeats := row.Runs
		if repeats == nil {
			repeats = []*engine.Report{row.Report}
		}
		for _, rep := range repeats {
			if rep.Accounting.Outcomes[harness.OK] > 0 {
				benchmark(&b, row, rep)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// benchmark writes one line.
func benchmark(b *strings.Builder, row *Row, rep *engine.Report) {
	a := &rep.Accounting
	ok := &a.Latency[harness.OK]
	fmt.Fprintf(b, "Benchmark%s\t%d", benchmarkName(row, rep), a.Outcomes[harness.OK])
	for _, metric := range []struct {
		value float64
		unit  string
	}{
		{float64(ok.Mean()), "ns/op"},
		{rep.Goodput(), "ops/s"},
		{float64(ok.Quantile(0.50)), "p50-ns"},
		{float64(ok.Quantile(0.99)), "p99-ns"},
		{float64(a.AllConflicts()) / float64(a.Processed()), "conflicts/op"},
		{a.TriesPerOp(), "tries/op"},
	} {
		fmt.Fprintf(b, "\t%s %s", digits(metric.value, 4), metric.unit)
	}
	b.WriteByte('\n')
}

// benchmarkName is the row's name behind "Benchmark".
func benchmarkName(row *Row, rep *engine.Report) string {
	l := row.Label
	name := strings.ToUpper(l.Workload[:1]) + l.Workload[1:] + "/target=" + l.Target + "/strategy=" + l.Strategy
	if l.Isolation != harness.NoLevel {
		name += "/iso=" + l.Isolation.Short()
	}
	if l.Env != "" {
		name += "/env=" + l.Env
	}
	if l.Fault != "" {
		name += "/fault=" + l.Fault
	}
	if row.Cells > 0 {
		name += fmt.Sprintf("/cells=%d", row.Cells)
	}
	if row.Rate > 0 {
		name += fmt.Sprintf("/rate=%v", row.Rate)
	}
	if row.Skew > 0 {
		name += fmt.Sprintf("/zipfian=%v", row.Skew)
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return '_' // a blank would end the name; Go's own tests write it so too
		}
		return r
	}, name)
	return fmt.Sprintf("%s-%d", name, rep.Clients)
}
