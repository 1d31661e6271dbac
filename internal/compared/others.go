package compared

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/reports"
)

// ofIsolation is what levels of servers do: a row is a cell of the matrix.
func ofIsolation(r *isolation.Result) *compare.Side {
	s := compare.NewSide(string(reports.IsolationKind))
	for i := range r.Rows {
		m := &r.Rows[i]
		s.Server(m.Target, m.Server)
		_, setting, _ := strings.Cut(m.Server, ", ") // behind the version, which may differ
		key := strings.Join([]string{setting, string(m.Isolation), m.Anomaly}, "\x00")
		if m.Outcome == isolation.NotMeasured {
			s.Skip(m.Target, key, m.How)
			continue
		}
		where := m.Target
		if setting != "" {
			where += " (" + setting + ")"
		}
		again := fmt.Sprintf("lastseat isolation --target %s --isolation %s --anomaly %s", reports.ShellWord(m.Target), m.Isolation, reports.ShellWord(m.Anomaly))
		s.Add(m.Target, threshold.Row{
			Key: key, Name: fmt.Sprintf("%s@%s: %s", where, m.Isolation, m.Anomaly), Names: []string{m.Anomaly, m.Target, string(m.Isolation), m.Isolation.Short()},
			Verdict: harness.Verdict(m.Outcome), Surprise: m.Outcome == isolation.LetThrough && !m.AsExpected, Why: m.How, Again: again,
		})
		s.Axis("anomalies", m.Anomaly)
		s.Axis("isolation", string(m.Isolation))
	}
	return s
}

// ofExplored is lastseat's own strategies, explored.
func ofExplored(all []suite.Explored) *compare.Side {
	s := compare.NewSide(string(reports.ExploreKind))
	for i := range all {
		e := &all[i]
		key := e.Workload + "\x00" + e.Row(string(e.Isolation))
		if e.Skip != "" {
			s.Skip(e.Target, key, e.Skip)
			continue
		}
		s.Server(e.Target, e.Server)
		s.Axis("workloads", e.Workload)
		why := e.Why
		if e.Verdict == harness.Unsafe && e.Meaning != "" {
			why = e.Anomaly + ": " + e.Meaning
		}
		again := fmt.Sprintf("lastseat explore --target %s --workload %s --strategy %s", reports.ShellWord(e.Target), reports.ShellWord(e.Workload), reports.ShellWord(e.Strategy))
		if e.Isolation != harness.NoLevel {
			again += " --isolation " + string(e.Isolation)
		}
		row := threshold.Row{
			Key: key, Name: suite.RowName(e.Label), Names: suite.Selectors(e.Label), Verdict: e.Verdict, Surprise: e.Verdict == harness.Unsafe && !e.AsExpected, Why: why, Again: again,
		}
		row.Count(threshold.Broken, e.Breaking, e.Run, e.Exhaustive && e.Unsteady == 0)
		s.Add(e.Target, row)
	}
	return s
}

// ofChecked is histories that were judged, each by the name of its file; by its path, where two have one name.
func ofChecked(all []recheck.Result) *compare.Side {
	s := compare.NewSide(string(reports.CheckKind))
	times := map[string]int{}
	for i := range all {
		times[filepath.Base(all[i].File)]++
	}
	for i := range all {
		f := &all[i]
		name := filepath.Base(f.File)
		if times[name] > 1 {
			name = f.File
		}
		row := threshold.Row{
			Key: name, Name: name, Names: []string{name, f.Workload}, Verdict: f.Verdict, Surprise: f.Verdict == harness.Unsafe, Why: f.Reason,
			Again: "lastseat check " + reports.ShellWord(f.File),
		}
		if f.Model != "" { // a history that holds to one need not hold to another
			row.Key, row.Name = name+"\x00"+f.Model, name+" ("+f.Model+")"
		}
		s.Add("", row)
	}
	return s
}
