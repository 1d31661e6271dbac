package reports

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/rounds"
	"github.com/lastseat/lastseat/harness/suite"
)

// TestSaved: every form of what was read from a kind's JSON is that of the result itself, and also where there is nothing.
func TestSaved(t *testing.T) {
	saved(t, ExploreKind, func() []suite.Explored { return []suite.Explored{*explored()} }, ReadExploredJSON, ExploredFormats())
	saved(t, ExploreKind, func() []suite.Explored { return nil }, ReadExploredJSON, ExploredFormats())
	saved(t, IsolationKind, func() *isolation.Result { return measurements(true) }, ReadIsolationJSON, IsolationFormats())
	saved(t, IsolationKind, func() *isolation.Result { return &isolation.Result{} }, ReadIsolationJSON, IsolationFormats())
	saved(t, CheckKind, func() []recheck.Result { return []recheck.Result{skewed()} }, ReadCheckedJSON, CheckedFormats())
	saved(t, CheckKind, func() []recheck.Result { return nil }, ReadCheckedJSON, CheckedFormats())
	saved(t, ReplayKind, playedReplay, ReadReplayJSON, ReplayFormats())
	saved(t, ReplayKind, func() *isolation.Replay { return &isolation.Replay{} }, ReadReplayJSON, ReplayFormats())
	saved(t, OrdersKind, orders, ReadOrdersJSON, OrdersFormats())
	saved(t, OrdersKind, func() *isolation.Orders { return &isolation.Orders{} }, ReadOrdersJSON, OrdersFormats())
	saved(t, ProgramKind, func() []program.Report { return []program.Report{programReport()} }, ReadProgramJSON, ProgramFormats())
	saved(t, ProgramKind, func() []program.Report { return []program.Report{struckReport()} }, ReadProgramJSON, ProgramFormats())
	saved(t, ProgramKind, func() []program.Report { return nil }, ReadProgramJSON, ProgramFormats())
	saved(t, RoundsKind, roundsReports, ReadRoundsJSON, RoundsFormats())
	saved(t, RoundsKind, func() []rounds.Report { return nil }, ReadRoundsJSON, RoundsFormats())
	saved(t, CompareKind, twoNights, ReadCompareJSON, CompareFormats())
	saved(t, RunKind, surprises, ReadJSON, Formats(JUnitOptions{}))
	saved(t, RunKind, timed, ReadJSON, Formats(JUnitOptions{}))
}

// orders is what came of all orders of a schedule at a place where it breaks, one where it does not, one undecided, and one that was skipped.
func orders() *isolation.Orders {
	return &isolation.Orders{File: "two buyers.schedule", Title: "two buyers", Judge: "its invariants", Places: []isolation.Place{
		{
			Where: "postgres@read-committed", Server: "PostgreSQL 18.1", Verdict: "unsafe", Schedules: 20, Breaking: 6, Broken: "never below zero: broken by 1 row", Transcript: "T1  SELECT 1", Beside: "it left -1",
			Notes: []string{"a note"}, Saved: "out/x.schedule",
		},
		{Where: "postgres@serializable", Server: "PostgreSQL 18.1", Verdict: "safe", Schedules: 20, Exhaustive: true, Refused: 3},
		{Where: "mysql@serializable", Server: "MySQL 9.7", Verdict: "inconclusive", Schedules: 2, Why: "it took too long"},
		{Where: "mariadb", Skip: "no server"},
	}}
}

func saved[R any](t *testing.T, want Kind, made func() R, read func([]byte) (R, error), forms []Format[R]) {
	t.Helper()
	var text string
	for _, form := range forms {
		if form.Flag == "json" {
			text = written(t, made(), form.Write)
		}
	}
	if kind, err := KindOf([]byte(text)); err != nil || kind != want {
		t.Errorf("it is %q, want %s: %v", kind, want, err)
	}
	again, err := read([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	for _, form := range forms {
		if form.Empty != nil && form.Empty(made()) {
			continue
		}
		direct := written(t, made(), form.Write)
		if diff := cmp.Diff(direct, written(t, again, form.Write)); diff != "" {
			t.Errorf("%s, %s (-written +read):\n%s", want, form.Flag, diff)
		}
		if direct == "" {
			t.Errorf("%s: %s is empty", want, form.Flag)
		}
	}
}

// hostileForms are all forms of a result, with hostile text in every field.
func hostileForms[R any](all map[string]func(io.Writer) error, name string, made func() R, forms []Format[R]) {
	for _, form := range forms {
		if form.Ext == "svg" || form.Ext == "dot" {
			continue // their own tests look at them
		}
		all[name+"."+form.Ext] = func(w io.Writer) error {
			r := made()
			return form.Write(w, *poisoned(&r))
		}
	}
}
