package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// broken are operations that a fault leaves half done, each with points at which it does, and mended are their twins.
var (
	broken = map[string]string{
		"ticket-split": "lost-commit:3 cut-before:5 cut-after:4 kill-program:3", "confirm-early": "cut-before:4 kill-program:3",
		"event-beside": "lost-commit:3 cut-before:4 kill-program:3", "retry-none": "repeat:3 repeat",
	}
	mended = []string{"ticket-whole", "confirm-with", "event-inside", "retry-key"}
)

// openPoints opens the shop with the operations of broken and mended.
func openPoints(t *testing.T, engine string, opt app.Options) *program.Explorer {
	t.Helper()
	var names []string
	for name := range broken {
		names = append(names, name)
	}
	names = append(names, mended...)
	text := "database: " + engine + "\nsetup: points.sql\napp: " + build(t, "shop") + "\noperations:\n"
	for _, name := range names {
		who := map[bool]string{true: "{id}", false: "{client}"}[strings.HasPrefix(name, "retry")]
		text += "  " + name + ": POST /" + strings.Replace(name, "-", "/", 1) + "?c=" + who + "\n"
	}
	s, err := spec.Parse("testdata/points.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	opt.Whole = true
	p := open(t, s, opt)
	return explorer(p, names...)
}

// TestPoints: what a fault leaves half done is found, at the points that are known, and its mended twin is not accused at any.
func TestPoints(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			x := openPoints(t, engine, app.Options{Durable: true})
			x.Apart = time.Millisecond // there are no times in the tables
			for _, name := range x.Operations {
				x.Only = append(x.Only, []string{name})
			}
			all := strike(t, x, &program.Faults{Kinds: []program.FaultKind{program.LostCommit, program.CutBefore, program.CutAfter, program.KillProgram, program.Repeat}})
			if len(all) != len(broken)+len(mended) {
				t.Fatalf("%d were struck", len(all))
			}
			for i := range all {
				checkPoints(t, &all[i])
			}
			t.Run("two", func(t *testing.T) { twoPoints(t, x) })
			t.Run("server", func(t *testing.T) { serverKilled(t, x) })
		})
	}
}

// TestPointsMySQL: the same on MySQL, of an outbox beside the transaction and in it.
func TestPointsMySQL(t *testing.T) {
	t.Parallel()
	x := openPoints(t, "mysql", app.Options{})
	x.Apart = time.Millisecond
	x.Only = [][]string{{"event-beside"}, {"event-inside"}}
	all := strike(t, x, &program.Faults{Kinds: []program.FaultKind{program.LostCommit, program.CutBefore, program.CutAfter, program.KillProgram, program.Repeat}})
	if len(all) != len(x.Only) {
		t.Fatalf("%d were struck", len(all))
	}
	for i := range all {
		checkPoints(t, &all[i])
	}
}

func strike(t *testing.T, x *program.Explorer, f *program.Faults) []program.Faulted {
	t.Helper()
	x.Faults = f
	all, err := x.Break(t.Context(), func(*program.Faulted) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func checkPoints(t *testing.T, f *program.Faulted) {
	t.Helper()
	var bad []string
	for _, p := range f.Points {
		if p.Verdict != harness.Safe {
			bad = append(bad, p.Fault)
		}
		if p.Verdict == harness.Unsafe && len(p.Tables) == 0 {
			t.Errorf("%s, %s: no table says what is half done", f.Name(), p.Fault)
		}
		for _, table := range p.Tables {
			if f.Name() == "retry-none" && table.AsIf != program.Twice {
				t.Errorf("%s, %s: %s is %s, want twice", f.Name(), p.Fault, table.Table, table.AsIf)
			}
		}
	}
	t.Logf("%s: %s, %d points, not all or nothing: %q, notes %q", f.Name(), f.Verdict, len(f.Points), bad, f.Notes)
	points, breaks := broken[f.Name()]
	if want := map[bool]harness.Verdict{true: harness.Unsafe, false: harness.Safe}[breaks]; f.Verdict != want || len(f.Points) < 10 {
		t.Errorf("%s: %s (%s) after %d points, want %s", f.Name(), f.Verdict, f.Why, len(f.Points), want)
	}
	for point := range strings.FieldsSeq(points) {
		if !strings.Contains(" "+strings.Join(bad, " ")+" ", " "+point+" ") {
			t.Errorf("%s is all or nothing at %s, want it not to be", f.Name(), point)
		}
	}
}

// twoPoints: one after the other, what a fault leaves of one of them is found as well, in the first and in the second.
func twoPoints(t *testing.T, x *program.Explorer) {
	x.Only = [][]string{{"ticket-split", "ticket-whole"}, {"ticket-whole", "ticket-split"}}
	all := strike(t, x, &program.Faults{Kinds: []program.FaultKind{program.LostCommit, program.CutAfter}})
	for _, f := range all {
		want := map[string]string{"ticket-split": "lost-commit:a3 cut-after:a4 cut-after:a5", "ticket-whole": "lost-commit:b3 cut-after:b4 cut-after:b5"}[f.Operations[0]]
		var bad []string
		for _, p := range f.Points {
			// Between two transactions a driver may see that its connection has ended, and take another, or not: that is a matter of time.
			if p.Verdict != harness.Safe && p.Fault != "cut-after:a3" && p.Fault != "cut-after:b3" {
				bad = append(bad, p.Fault)
			}
		}
		if got := strings.Join(bad, " "); got != want {
			t.Errorf("%s: not all or nothing at %s, want %s", f.Name(), got, want)
		}
	}
	if len(all) != len(x.Only) {
		t.Errorf("%d were struck", len(all))
	}
}

// serverKilled: what was acknowledged outlives a server that is killed, and what is in two transactions is half done then too.
func serverKilled(t *testing.T, x *program.Explorer) {
	x.Only = [][]string{{"event-beside"}}
	kill := func(at int) program.Fault { return program.Fault{Kind: program.KillServer, Statement: at} }
	all := strike(t, x, &program.Faults{Points: []program.Fault{kill(3), kill(program.End)}})
	for i, want := range []harness.Verdict{harness.Unsafe, harness.Safe} {
		if p := all[0].Points[i]; p.Verdict != want {
			t.Errorf("%s: %s, want %s; answered %q", p.Fault, p.Verdict, want, p.Answers)
		}
	}
}
