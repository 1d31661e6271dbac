package app_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// ways is a file of operations that are no requests; racy ones, and locked ones which are their mended twins.
func ways(t *testing.T, engine string) *spec.Spec {
	t.Helper()
	own := map[bool]string{true: "ways_postgres.sql", false: "ways_mysql.sql"}[engine == "postgres"]
	script, err := os.ReadFile("testdata/ways.sql")
	if err != nil {
		t.Fatal(err)
	}
	locked := strings.Replace(string(script), `'hat' \gset`, `'hat' FOR UPDATE \gset`, 1)
	s, err := spec.Parse("testdata/ways.yaml", []byte("database: "+engine+"\nsetup: "+own+`
operations:
  racy-call: {sql: "CALL racy({client})"}
  locked-call: {sql: "CALL locked({client})"}
  racy-script: {sql: ways.sql, rejected: {json: sold, is: "no"}}
  locked-script:
    rejected: {json: sold, is: "no"}
    sql: |
      `+strings.ReplaceAll(locked, "\n", "\n      ")+`
  racy-command: {run: "`+build(t, "shop")+` /seat/racy?c={client}", rejected: 3}
  locked-command: {run: "`+build(t, "shop")+` /seat/lock?c={client}", rejected: 3}
`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWays: procedures, scripts and commands break as programs do, their mended twins are not accused, and no table is named of which
// nobody can tell that it was read.
func TestWays(t *testing.T) {
	for _, engine := range []string{"postgres", "mysql", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := ways(t, engine)
			if engine != "postgres" {
				s.Operations = s.Operations[:4] // commands are the same everywhere
			}
			p := open(t, s, app.Options{})
			x := explorer(p, s.Names()...)
			x.Apart = time.Millisecond // there are no times in the tables
			for _, name := range s.Names() {
				x.Only = append(x.Only, []string{name, name})
			}
			all, err := x.Run(t.Context(), func(*program.Pair) error { return nil })
			if err != nil || len(all) != len(s.Operations) {
				t.Fatalf("%d pairs, %v", len(all), err)
			}
			for i := range all {
				checkWay(t, &all[i])
			}
			x.Only = [][]string{{"racy-call"}}
			points := strike(t, x, &program.Faults{Kinds: []program.FaultKind{program.LostCommit, program.KillProgram}})
			if f := points[0]; f.Verdict != harness.Safe || len(f.Points) == 0 || f.Points[0].Kind != program.LostCommit {
				t.Errorf("a CALL whose answer is lost: %+v", f)
			}
		})
	}
}

func checkWay(t *testing.T, pair *program.Pair) {
	t.Helper()
	want := harness.Safe
	if strings.HasPrefix(pair.Name(), "racy") {
		want = harness.Unsafe
	}
	if pair.Verdict != want {
		t.Errorf("%s: %s, want %s: %s %v", pair.Name(), pair.Verdict, want, pair.Why, pair.Notes)
		return
	}
	e := pair.Shortest
	if e == nil {
		return
	}
	if hidden := strings.Contains(pair.Name(), "call"); hidden != (e.Anomaly == "") || hidden && !strings.Contains(e.Meaning, "is not seen on the wire") {
		t.Errorf("%s: the anomaly is %q: %q", pair.Name(), e.Anomaly, e.Meaning)
	}
}

// TestWaysUnderLoad: rounds and a load that goes on take such operations too, and the report speaks of no copies of a program.
func TestWaysUnderLoad(t *testing.T) {
	t.Parallel()
	s := ways(t, "postgres")
	r := under(t, s, app.Load{Clients: []int{3}, MinTrials: 1000, Seed: 1, Only: []string{"racy-call"}})[0] // until it is caught
	if !r.Programless || r.Instances != 0 || r.App != "commands and SQL" || r.Verdict() != harness.Unsafe {
		t.Errorf("rounds: %s of %q, %d copies: %+v", r.Verdict(), r.App, r.Instances, r.Cases)
	}
	c := under(t, s, app.Load{Clients: []int{2}, MinTrials: 4, Seed: 1, Only: []string{"racy-command"}, Faults: []program.FaultKind{program.KillProgram}})[0].Cases[0]
	if c.Struck == 0 || c.Rounds == 0 {
		t.Errorf("commands that are killed: struck in %d of %d rounds: %s", c.Struck, c.Rounds, c.Why)
	}
	s.Invariants = []spec.Invariant{{Name: "never sold twice", SQL: "SELECT item FROM orders GROUP BY item HAVING count(*) > 1"}}
	step := under(t, s, app.Load{Clients: []int{2}, Duration: 200 * time.Millisecond, Seed: 1, Only: []string{"locked-script"}})[0].Steps[0]
	if n := counted(&step); n.OK != 1 || n.Rejected == 0 || n.Unknown+n.Failed != 0 || step.Verdict == harness.Unsafe {
		t.Errorf("a load: %+v: %v", n, step.Broken)
	}
}

func counted(s *rounds.Step) rounds.OperationCounts { return s.Operations[0] }
