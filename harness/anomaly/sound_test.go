package anomaly

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

var kindNames = []string{history.Lists: "lists", history.Registers: "registers", history.Sets: "sets", mixed: "mixed"}

// mixed stands for lists and registers in one history.
const mixed = history.Sets + 1

// TestStoresAreNotAccused: whatever a correct store does, no model that it keeps is ever ruled out.
func TestStoresAreNotAccused(t *testing.T) {
	for _, l := range levels {
		for kind, name := range kindNames {
			t.Run(l.name+"/"+name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					s := newStore(t, l, history.Kind(kind), rapid.IntRange(1, 4).Draw(t, "clients"), 3)
					s.chains = rapid.Bool().Draw(t, "chains")
					mustKeep(t, s.run(rapid.IntRange(1, 16).Draw(t, "transactions")), l.model)
				})
			})
		}
	}
}

// mustKeep fails if the model is ruled out, by whichever model was asked for.
func mustKeep(t *rapid.T, h *history.Transactions, model string) {
	l := newLattice()
	judges := []judgement{Judge}
	if h.Holds(history.Registers) {
		judges = append(judges, JudgeChains)
	}
	for _, judge := range judges {
		for _, asked := range []string{model, "strong-session-serializable", ""} {
			r, err := judge(t.Context(), h, asked)
			if err != nil {
				t.Fatal(err)
			}
			if asked == model && r.Verdict == harness.Unsafe {
				t.Fatalf("%s is accused: %s\n%s", model, r.Reason, show(h, r))
			}
			if !slices.Contains(r.Undecided, model) && !slices.ContainsFunc(r.ConsistentWith, func(m string) bool { return reach([]string{m}, l.includes)[model] }) {
				t.Fatalf("%s does not stand, only %v\n%s", model, r.ConsistentWith, show(h, r))
			}
		}
	}
}

// show is the history, and what was found in it.
func show(h *history.Transactions, r *Result) string {
	x := newIndex(h)
	var b strings.Builder
	for i := range int32(h.Len()) {
		fmt.Fprintf(&b, "%s, from %d, %s: %s\n", x.name(i), h.Invoke[i], h.Outcome[i], x.describe(i))
	}
	for _, w := range r.Witnesses {
		fmt.Fprintf(&b, "%s: %s\n", w.Anomaly, w.Text)
	}
	return b.String()
}

// TestStoresShowTheirWeakness: the simulated stores do let happen what their levels allow, so that it means something when
// nothing else is found.
func TestStoresShowTheirWeakness(t *testing.T) {
	for name, want := range map[string]string{
		"strict":           "",
		"session":          "G-single-item-realtime",
		"stale":            "G-single-item-process G-single-item-realtime",
		"strong SI":        "G2 G2-item",
		"session SI":       "G2 G2-item G-single-item-realtime",
		"SI":               "G2 G2-item G-single-item-process G-single-item-realtime",
		"PSI":              "G2 G2-item G-nonadjacent",
		"lossy":            "lost-update G2-item G2 G-single-item-realtime",
		"read committed":   "internal lost-update G-single G-single-item G2-item",
		"read uncommitted": "G1a G1b G1c incompatible-order internal lost-update G-single-item",
	} {
		t.Run(name, func(t *testing.T) {
			found := map[string]bool{}
			l := lossy
			if i := slices.IndexFunc(levels, func(l level) bool { return l.name == name }); i >= 0 {
				l = levels[i]
			}
			for seed := range 40 * len(kindNames) {
				s := newStore(nil, l, history.Kind(seed%len(kindNames)), 4, 3)
				h := rapid.Custom(func(t *rapid.T) *history.Transactions { s.t = t; return s.run(24) }).Example(seed)
				for _, model := range []string{"", "strong-session-serializable"} {
					r, err := JudgeChains(t.Context(), h, model)
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range r.Anomalies {
						found[a] = true
					}
				}
			}
			for _, a := range strings.Fields(want) {
				if !found[a] {
					t.Errorf("no %s in all histories", a)
				}
			}
			if want == "" && len(found) > 0 {
				t.Errorf("found %v", found)
			}
		})
	}
}
