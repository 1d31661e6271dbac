package compare

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/stats"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
)

// RunKind is the kind of results that can be compared, as their JSON says.
const RunKind = "run"

// OfRun is a run's result; around are the names of the flags that put something around a store: they choose rows.
func OfRun(r *suite.Result, around []string) *Side {
	s := NewSide(RunKind)
	s.Started, s.Command, s.Load, s.More = r.Started, r.Command, loadOf(r.Command), moreRuns(r.Command)
	for _, name := range around {
		delete(s.Load, "--"+name)
	}
	for i := range r.Servers {
		server := &r.Servers[i]
		if server.Missing != "" {
			continue
		}
		text := strings.TrimSpace(server.Info.String())
		for _, set := range server.Info.Settings {
			text += ", " + set.Name + " " + set.Value
		}
		s.Server(server.Target, text)
	}
	for i := range r.Backends {
		b := &r.Backends[i]
		text := strings.TrimSpace(b.Product + " " + b.Version)
		for _, set := range b.Settings {
			text += ", " + set.Name + " " + set.Value
		}
		s.Server(b.Component, text)
	}
	several := sweeps(r)
	for i := range r.Rows {
		row := &r.Rows[i]
		key := runKey(row)
		if row.Skip != "" {
			s.Skip(row.Label.Target, key, row.Skip)
			continue
		}
		for n, first := 2, key; s.row(keyOf(row.Label.Target, key)) != nil; n++ {
			key = first + "\x00step " + strconv.Itoa(n) // of an axis that rows do not tell
		}
		one := ofRow(r, row)
		one.Key = key
		for k, step := range stepsOf(row) {
			if several[k] && step.value != 0 {
				one.Name += ", " + step.name + " " + step.text()
			}
			s.Axis(step.name, step.text())
		}
		s.Add(row.Label.Target, one)
		s.Axis("workloads", row.Label.Workload)
	}
	return s
}

// step is where a row stands on an axis that sweeps go along.
type step struct {
	name  string
	value float64
}

func (s step) text() string {
	if s.value == 0 {
		return "not given"
	}
	return strconv.FormatFloat(s.value, 'f', -1, 64)
}

// stepsOf are the steps of a row, always in the same order.
func stepsOf(row *suite.Row) []step {
	return []step{{"clients", float64(row.Clients)}, {"cells", float64(row.Cells)}, {"rate", row.Rate}, {"zipfian constant", row.Skew}}
}

// sweeps says of each axis whether rows of one workload differ in it.
func sweeps(r *suite.Result) map[int]bool {
	first, several := map[string][]step{}, map[int]bool{}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Skip != "" {
			continue
		}
		steps := stepsOf(row)
		if first[row.Label.Workload] == nil {
			first[row.Label.Workload] = steps
		}
		for k, s := range first[row.Label.Workload] {
			several[k] = several[k] || s != steps[k]
		}
	}
	return several
}

// runKey is a row's key among those of its target.
func runKey(row *suite.Row) string {
	parts := []string{row.Label.Workload, row.Label.Row(string(row.Label.Isolation))}
	for _, s := range stepsOf(row) {
		parts = append(parts, s.text())
	}
	return strings.Join(parts, "\x00")
}

// ofRow is a row of a run; each of its repeats is a sample.
func ofRow(r *suite.Result, row *suite.Row) threshold.Row {
	t := threshold.Row{
		Name: suite.RowName(row.Label), Names: suite.Selectors(row.Label), Aside: row.Control, Verdict: row.Verdict(), Surprise: row.Surprise(),
		Why: row.Reason(), Again: row.Command,
	}
	if t.Again == "" {
		t.Again = r.Command
	}
	runs := row.Runs
	if len(runs) == 0 && row.Report != nil {
		runs = []*engine.Report{row.Report}
	}
	for _, rep := range runs {
		sample(&t, rep)
	}
	if row.Report == nil || len(row.Runs) == 0 {
		return t
	}
	whole := threshold.Row{}
	sample(&whole, row.Report)
	for _, name := range []string{"waiting", "failed"} { // which saved repeats do not tell
		if t.Values != nil {
			t.Values[name] = whole.Values[name]
		}
	}
	return t
}

var runsFlag = regexp.MustCompile(` --runs[= ]\S+`)

// moreRuns is the command of a run with as many repeats as an interval needs.
func moreRuns(command string) string {
	if command == "" || !strings.HasPrefix(command, "lastseat ") { // another program's records, which has no such flag
		return ""
	}
	return runsFlag.ReplaceAllString(command, "") + " --runs " + strconv.Itoa(stats.LeastRuns) + " --json new.json"
}

// sample adds what a run of a row measured.
func sample(t *threshold.Row, rep *engine.Report) {
	a := &rep.Accounting
	if rep.Elapsed > 0 {
		t.Add(threshold.Throughput, rep.Goodput())
		t.Add("waiting", rep.Waiting())
	}
	if ok := &a.Latency[harness.OK]; ok.Count() > 0 {
		for name, q := range map[string]float64{"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "max": 1} {
			t.Add(name, float64(ok.Quantile(q))/1e6)
		}
	}
	if a.Attempts > 0 {
		t.Add("conflicts", a.ConflictRate())
	}
	if n := a.Processed(); n > 0 {
		t.Add("failed", float64(a.Outcomes[harness.Failed]+a.Outcomes[harness.Unknown])/float64(n))
	}
	if len(rep.Results) > 0 || rep.Verdict != "" {
		t.Add("violations", float64(rep.Violations()))
	}
}
