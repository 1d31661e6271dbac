package anomaly

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// TestAskedOrNot: what is said of a model does not depend on which one was asked for.
func TestAskedOrNot(t *testing.T) {
	for kind, name := range kindNames {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				saysTheSame(t, tiny(t, history.Kind(kind), rapid.Bool().Draw(t, "chains")))
			})
		})
	}
}

func saysTheSame(t *rapid.T, h *history.Transactions) {
	l := newLattice()
	all, err := Judge(t.Context(), h, "")
	if err != nil {
		t.Fatal(err)
	}
	model := rapid.SampledFrom(models()).Filter(func(m model) bool { return m.name != "linearizable" }).Draw(t, "model").name
	r, err := Judge(t.Context(), h, model)
	if err != nil {
		t.Fatal(err)
	}
	if r.Committed == 0 || slices.Contains(r.Anomalies, EmptyGraph) && r.Verdict != harness.Unsafe {
		return // nothing could have shown in the order that this model speaks of
	}
	said := harness.Inconclusive
	switch {
	case slices.Contains(slices.Concat(all.Not, all.AlsoNot), model):
		said = harness.Unsafe
	case reach(all.ConsistentWith, l.includes)[model]:
		said = harness.Safe
	case !slices.Contains(all.Undecided, model):
		t.Fatalf("nothing is said of %s\n%s", model, show(h, all))
	}
	if said == harness.Unsafe && !reach(Weakest(all.Not, all.AlsoNot), l.stronger)[model] {
		t.Fatalf("%s is refuted, and not said to be by %v\n%s", model, Weakest(all.Not, all.AlsoNot), show(h, all))
	}
	if said != r.Verdict {
		t.Fatalf("%s is %s where it was asked for, and else %s: %s\n%s", model, r.Verdict, said, r.Reason, show(h, r))
	}
}

// TestRefutedWithoutAName: T3 found the first write of x and the last of y, whichever of the two writers came first. Only a search sees that, and
// it sees it beside another anomaly, and of repeatable-read as of read-atomic.
func TestRefutedWithoutAName(t *testing.T) {
	const fractured = "p1:wx1wy1[ p2:wx2wy2[ p3:rx1ry2["
	for _, text := range []string{fractured, fractured + " p4:wa1wb1[ p5:rarb1["} {
		for _, asked := range []string{"", "serializable", "repeatable-read", "read-atomic"} {
			r, err := Judge(t.Context(), parseRegisters(t, text), asked)
			if err != nil {
				t.Fatal(err)
			}
			weakest := Weakest(r.Not, r.AlsoNot)
			if r.Verdict != harness.Unsafe || !slices.Contains(weakest, "read-atomic") || !slices.Contains(weakest, "repeatable-read") {
				t.Errorf("asked for %q, %s is %s, and not %v, undecided %v", asked, text, r.Verdict, weakest, r.Undecided)
			}
		}
	}
}
