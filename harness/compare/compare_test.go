package compare

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/harness/threshold"
)

const command = "lastseat run --ops=1000 --target memory --random-seed 7"

func side(rows ...threshold.Row) *Side {
	s := NewSide(RunKind)
	s.Command, s.Load, s.Rows, s.More = command, loadOf(command), rows, moreRuns(command)
	return s
}

func rowOf(name string, v harness.Verdict, surprise bool, perSecond ...float64) threshold.Row {
	r := threshold.Row{Key: name, Name: name, Names: []string{name}, Verdict: v, Surprise: surprise}
	for _, s := range perSecond {
		r.Add(threshold.Throughput, s)
	}
	return r
}

func TestVerdictsThatChangedComeFirst(t *testing.T) {
	slow, fast := []float64{50, 51, 52, 53, 54, 55}, []float64{100, 101, 102, 103, 104, 105}
	r, err := Compare(
		side(rowOf("same", harness.Safe, false, fast...), rowOf("slower", harness.Safe, false, fast...), rowOf("mended", harness.Unsafe, true), rowOf("open", harness.Safe, false), rowOf("broken", harness.Safe, false)),
		side(rowOf("same", harness.Safe, false, fast...), rowOf("slower", harness.Safe, false, slow...), rowOf("mended", harness.Safe, false), rowOf("open", harness.Inconclusive, false), rowOf("broken", harness.Unsafe, true)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range r.Rows {
		got = append(got, r.Rows[i].Name+": "+string(r.Rows[i].Change))
	}
	if text := strings.Join(got, ", "); text != "broken: new violation, open: worse, slower: same, mended: better, same: same" {
		t.Error(text)
	}
	if r.ExitCode() != suite.ExitBroken {
		t.Errorf("exit code %d", r.ExitCode())
	}
}

func TestSignificance(t *testing.T) {
	for _, c := range []struct {
		name                  string
		old, now              []float64
		known, differs, worse bool
	}{
		{"half as fast", []float64{100, 101, 102, 103, 104, 105}, []float64{50, 51, 52, 53, 54, 55}, true, true, true},
		{"twice as fast", []float64{50, 51, 52, 53, 54, 55}, []float64{100, 101, 102, 103, 104, 105}, true, true, false},
		{"one mixed with the other", []float64{100, 102, 104, 106, 108, 110}, []float64{99, 101, 103, 105, 107, 109}, true, false, true},
		{"one sample", []float64{100}, []float64{50}, false, false, true},
	} {
		r, err := Compare(side(rowOf("a", harness.Safe, false, c.old...)), side(rowOf("a", harness.Safe, false, c.now...)))
		if err != nil {
			t.Fatal(err)
		}
		f := r.Rows[0].Figures[0]
		if f.Known != c.known || f.Differs != c.differs || f.Worse != c.worse {
			t.Errorf("%s: %+v", c.name, f)
		}
		if wantMore := !c.known; (r.More == command+" --runs 6 --json new.json") != wantMore {
			t.Errorf("%s: for more: %q", c.name, r.More)
		}
		if r.ExitCode() != suite.ExitAsExpected {
			t.Errorf("%s: exit code %d: slower is no verdict", c.name, r.ExitCode())
		}
	}
}

func TestUnlikeLoads(t *testing.T) {
	other := side(rowOf("a", harness.Safe, false))
	other.Load = loadOf("lastseat run --ops=2000 --target memory --random-seed 8 --runs 6")
	_, err := Compare(side(rowOf("a", harness.Safe, false)), other)
	if unlike := (*UnlikeError)(nil); !errors.As(err, &unlike) || len(unlike.Differs) != 1 || unlike.Differs[0] != "--ops is 1000 in the old and 2000 in the new" {
		t.Error(err)
	}
	if _, err := Compare(side(rowOf("a", harness.Safe, false)), side(rowOf("b", harness.Safe, false))); err == nil || !strings.Contains(err.Error(), "the old has a, the new b") {
		t.Error(err)
	}
}

func TestRowsOfOneSide(t *testing.T) {
	now := side(rowOf("a", harness.Safe, false), rowOf("added", harness.Unsafe, true))
	now.Left = map[string]string{"gone": "has no such level"}
	r, err := Compare(side(rowOf("a", harness.Safe, false), rowOf("gone", harness.Safe, false)), now)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 1 || len(r.OnlyOld) != 1 || r.OnlyOld[0].Why != "has no such level" || len(r.OnlyNew) != 1 || r.OnlyNew[0].Row != "added" {
		t.Errorf("%+v", r)
	}
}

// Steps of a sweep over rates are rows of their own, by name and by key.
func TestStepsAreRows(t *testing.T) {
	label := harness.Label{Workload: "seats", Target: "memory", Strategy: "mutex", Isolation: "none"}
	run := &suite.Result{Command: command, Rows: []suite.Row{{Label: label, Clients: 4, Cells: 1, Rate: 500}, {Label: label, Clients: 4, Cells: 1, Rate: 1000}}}
	both := OfRun(run, nil)
	run.Rows = run.Rows[1:]
	r, err := Compare(both, OfRun(run, nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 1 || len(r.OnlyOld) != 1 || !strings.HasSuffix(r.OnlyOld[0].Row, ", rate 500") {
		t.Errorf("%+v", r)
	}
	run.Rows[0].Rate = 2000
	if _, err := Compare(both, OfRun(run, nil)); err == nil || !strings.Contains(err.Error(), "rate: 500, 1000 in the old and 2000 in the new") {
		t.Error(err)
	}
}

// TestFailedOfRepeats: saved repeats do not tell what failed; the row as a whole does, and a threshold must not pass for that.
func TestFailedOfRepeats(t *testing.T) {
	repeat := &engine.Report{Elapsed: time.Second}
	repeat.Accounting.Outcomes[harness.OK], repeat.Accounting.Outcomes[harness.Rejected], repeat.Accounting.Attempts = 50, 50, 100
	whole := &engine.Report{Elapsed: 2 * time.Second}
	whole.Accounting.Outcomes[harness.OK], whole.Accounting.Outcomes[harness.Failed], whole.Accounting.Attempts = 100, 100, 200
	run := &suite.Result{Command: command, Rows: []suite.Row{{Report: whole, Runs: []*engine.Report{repeat, repeat}}}}
	row := OfRun(run, nil).Rows[0]
	if got := row.Values["failed"].Samples; !slices.Equal(got, []float64{0.5}) {
		t.Errorf("failed: %v", got)
	}
	if got := row.Values[threshold.Throughput].Samples; len(got) != 2 {
		t.Errorf("throughput: %v", got)
	}
}

// TestMore: the command for more samples has the flag once.
func TestMore(t *testing.T) {
	for from, want := range map[string]string{
		"":                                      "",
		"./scripts/bench":                       "",
		"lastseat run --only 'a  b'":            "lastseat run --only 'a  b' --runs 6 --json new.json",
		"lastseat run --runs=3 --target memory": "lastseat run --target memory --runs 6 --json new.json",
		"lastseat run --runs 3 --target memory": "lastseat run --target memory --runs 6 --json new.json",
	} {
		if got := moreRuns(from); got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
}

// Files of one side are samples, of which the worse verdict stands.
func TestTogether(t *testing.T) {
	second := side(rowOf("a", harness.Unsafe, true, 2))
	second.Skip("", "b", "has no such level")
	second.Axis("clients", "8")
	second.Started = time.Unix(1, 0)
	s, err := Together([]*Side{side(rowOf("a", harness.Safe, false, 1)), second})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 1 || s.Rows[0].Verdict != harness.Unsafe || len(s.Rows[0].Values[threshold.Throughput].Samples) != 2 {
		t.Errorf("%+v", s.Rows)
	}
	if len(s.Left) != 1 || len(s.axes["clients"]) != 1 || s.Started != time.Unix(1, 0) {
		t.Errorf("what only the second has: %+v", s)
	}
}
