package isolation_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/workloads"
)

// onSQLite plays on the SQL engine that needs no server.
func onSQLite(t *testing.T) isolation.Config {
	t.Helper()
	e, ok := targets.Named("sqlite")
	if !ok {
		t.Fatal("no sqlite")
	}
	return isolation.Config{
		Targets: []suite.TargetSpec{{Name: "embedded", Engine: e}}, AllLevels: true, Engines: targets.Table(),
		Workloads: []suite.Workload{{Name: "seats", New: func(int, float64) (harness.Workload, error) { return workloads.New("seats", workloads.Config{}) }}},
	}
}

// TestMeasure: each anomaly is measured at each level, told as it begins, and shown statement by statement.
func TestMeasure(t *testing.T) {
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	c, told := onSQLite(t), 0
	c.Progress = func(string) { told++ }
	r := c.Measure(t.Context(), anomalies)
	if len(r.Errors) > 0 || len(r.Rows) != len(anomalies) || told != len(anomalies) || r.ExitCode() != suite.ExitAsExpected {
		t.Fatalf("%d rows of %d anomalies, %d told, exit code %d: %q", len(r.Rows), len(anomalies), told, r.ExitCode(), r.Errors)
	}
	if n := r.Count(isolation.Prevented); n != len(anomalies) || len(r.Transcripts()) != n {
		t.Errorf("%d prevented, %d shown", n, len(r.Transcripts()))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := c.Measure(ctx, anomalies); !r.Interrupted || len(r.Rows) > 0 || r.ExitCode() != suite.ExitInterrupted {
		t.Errorf("interrupted before it began: %+v", r)
	}
}

// TestReplay: what a schedule expects and is not so is named with its line.
func TestReplay(t *testing.T) {
	const text = `setup:
  CREATE TABLE t (id INT PRIMARY KEY, v INT)
  INSERT INTO t VALUES (1, 1)
steps:
  T1 UPDATE t SET v = 2
  T2 [seen] SELECT v FROM t
expect:
  T2.seen returns 7
`
	s, err := schedule.Parse("own.schedule", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c := onSQLite(t)
	if err := c.Check(s); err != nil {
		t.Fatal(err)
	}
	r := c.Replay(t.Context(), s)
	if r.Err != nil || r.Played() != 1 || r.Broken() != 1 || r.ExitCode() != suite.ExitBroken {
		t.Fatalf("%+v", r)
	}
	if p := r.Plays[0]; p.Where != "embedded@serializable" || len(p.Transcript.Lines) < 2 || !strings.Contains(strings.Join(p.Unmet, "\n"), "own.schedule:") {
		t.Errorf("%+v", p)
	}
}

// TestCheckOperations: a schedule of operations that names what there is not is refused before any server is opened.
func TestCheckOperations(t *testing.T) {
	c := onSQLite(t)
	w, err := c.Workloads[0].New(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	scenarios := w.(store.Staged).Scenarios()
	if len(scenarios) == 0 {
		t.Fatal("seats has no scenarios")
	}
	good := schedule.Operations{Workload: "seats", Scenario: scenarios[0].About, Strategy: "naive-tx", Order: []int{0, 1}}
	for want, change := range map[string]func(*schedule.Operations){
		"":                             func(*schedule.Operations) {},
		"unknown workload \"seat\"":    func(o *schedule.Operations) { o.Workload = "seat" },
		"unknown strategy \"naive-t\"": func(o *schedule.Operations) { o.Strategy = "naive-t" },
		"unknown scenario":             func(o *schedule.Operations) { o.Scenario = "nothing" },
		"order: names client 100":      func(o *schedule.Operations) { o.Order = []int{0, 100} },
	} {
		o := good
		o.Order = slices.Clone(good.Order)
		change(&o)
		err := c.Check(&schedule.Schedule{File: "own.operations", Operations: &o})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
