package glossary

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/targets"
)

// TestExplain: everything that has a name has an explanation, and a hazard says what prevents and mends it.
func TestExplain(t *testing.T) {
	all, err := Terms()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]int{}
	for i := range all {
		term := &all[i]
		kinds[term.Kind]++
		if term.Name == "" || len(term.Meaning) < 8 {
			t.Errorf("%s %q means %q", term.Kind, term.Name, term.Meaning)
		}
		var out strings.Builder
		err := Explain(&out, term.Name)
		// Lines are wrapped: what is asked for can be on two.
		text := strings.Join(strings.Fields(out.String()), " ")
		if err != nil || !strings.Contains(text, term.Meaning) {
			t.Errorf("explain %s: %v, %s", term.Name, err, out.String())
		}
		if term.plan != nil && !strings.Contains(text, " needs nothing prevented") && !strings.Contains(text, " prevented: ") {
			t.Errorf("explain %s does not say what it needs prevented:\n%s", term.Name, out.String())
		}
		if c := term.component; c != nil {
			for _, h := range c.Endangers.List() {
				if !strings.Contains(text, h.Advice()) {
					t.Errorf("explain %s does not say what makes up for %s:\n%s", term.Name, h, out.String())
				}
			}
		}
		if term.level != "" && term.level != harness.Serializable && !strings.Contains(text, promise.P4.Advice()) {
			t.Errorf("explain %s does not say what mends lost updates:\n%s", term.Name, out.String())
		}
		everywhere := strings.Contains(text, "No level of any server prevents that.")
		if term.hazard != nil && (!everywhere && !strings.Contains(text, " Prevented by: - ") || !strings.Contains(text, term.hazard.Advice())) {
			t.Errorf("explain %s does not say what prevents and mends it:\n%s", term.Name, out.String())
		}
	}
	want := []Kind{Target, Strategy, Workload, Level, Anomaly, Hazard, Verdict, Column}
	for _, axis := range targets.Axes() {
		want = append(want, Kind(axis.Name))
	}
	for _, kind := range want {
		if kinds[kind] == 0 {
			t.Errorf("nothing of kind %s is explained: %v", kind, kinds)
		}
	}
	if err := Explain(&strings.Builder{}, "P5"); err == nil || !strings.Contains(err.Error(), "did you mean P4?") {
		t.Errorf("explain P5: %v", err)
	}
}

// TestLists: each list holds each of its terms on a line of its own, and the list of lists has all of their names.
func TestLists(t *testing.T) {
	var names strings.Builder
	if err := ListNames(&names); err != nil {
		t.Fatal(err)
	}
	for _, l := range lists() {
		terms, err := Of(l.kind)
		if err != nil || len(terms) == 0 {
			t.Fatalf("%s: %d terms, %v", l.name, len(terms), err)
		}
		var out strings.Builder
		if err := List(&out, l.name); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(out.String(), "\n"); lines != len(terms) {
			t.Errorf("list %s has %d lines for %d terms", l.name, lines, len(terms))
		}
		for i := range terms {
			if !strings.Contains(out.String(), terms[i].Meaning) || !strings.Contains(names.String(), terms[i].Name) {
				t.Errorf("list %s lacks %s", l.name, terms[i].Name)
			}
		}
	}
	if err := List(&strings.Builder{}, "strategy"); err == nil || !strings.Contains(err.Error(), "did you mean strategies?") {
		t.Errorf("list strategy: %v", err)
	}
}
