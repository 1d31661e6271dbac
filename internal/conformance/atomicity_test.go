package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/workloads"
)

// whoLeavesHalves: a checkout whose Call goes wrong leaves a half under the strategies whose effects are several
// transactions, at every level, and nothing under all others; the check says so. Part of TestConformance.
func whoLeavesHalves(t *testing.T, o *suite.Opened) {
	w, err := workloads.New("checkout", workloads.Config{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	isHalves := func(c harness.Checker) bool { return c.Name == "atomicity" }
	halves := w.Checks()[slices.IndexFunc(w.Checks(), isHalves)]
	ran := map[bool]int{}
	for _, strategy := range o.Spec.Engine.Strategies {
		for _, level := range o.Server.Levels() {
			offer, err := o.Server.Row(store.RowSpec{Strategy: strategy.Name, Level: level, Start: w.Init(), Samples: w.Samples()})
			if err != nil {
				t.Fatal(err)
			}
			partial := offer.Promise.Missing.Has(promise.Partial)
			if offer.Target == nil || !partial && level != o.Info.DefaultLevel {
				continue
			}
			ran[partial]++
			h := refused(t, offer.Target, w)
			f := halves.Check(t.Context(), h)
			switch text := strings.Join(f.Texts, "\n"); {
			case !partial && (f.Violations > 0 || len(h.Final.Entries) > 0):
				t.Errorf("%s@%s leaves %v: %s", strategy.Name, level, h.Final.Entries, text)
			case partial && h.Final.Values[0] != h.Start.Values[0]-2:
				t.Errorf("%s@%s leaves %v, want two seats taken", strategy.Name, level, h.Final.Values)
			case partial && (f.Violations != 2 || !strings.Contains(text, "it was declined") || !strings.Contains(text, "got no answer") ||
				strings.Count(text, "Seat 0 has -1 in the journal from ") != 2 || strings.Count(text, ": a seat without a charge") != 2):
				t.Errorf("%s@%s: %+v", strategy.Name, level, f)
			}
		}
	}
	if ran[true] == 0 || ran[false] == 0 {
		t.Errorf("%v rows ran, and both kinds are needed", ran)
	}
}

// refused is the history of one checkout that is declined and one that finds the service down.
func refused(t *testing.T, target harness.Target, w harness.Workload) *harness.History {
	t.Helper()
	if err := target.Setup(t.Context(), w.Init()); err != nil {
		t.Fatal(err)
	}
	session, err := target.Session(t.Context(), harness.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	log := &harness.Log{}
	h := &harness.History{Names: []string{"checkout"}, Start: w.Init(), Logs: []*harness.Log{log}}
	for i, answer := range []harness.Outcome{harness.Rejected, harness.Failed} {
		op := w.Samples()[0]
		op.ID = harness.OpID(0, i+1)
		op.Steps[1].Outcome = answer
		res := session.Do(t.Context(), &op)
		if answer == harness.Rejected && res.Outcome != harness.Rejected {
			t.Errorf("declined, and the client is told %s", res.Outcome)
		}
		log.Append(harness.Record{Tries: 1, Outcome: res.Outcome, Declined: answer == harness.Rejected})
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if h.Final, err = target.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	return h
}
