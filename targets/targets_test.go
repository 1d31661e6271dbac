package targets

import (
	"slices"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestNamesOfComponents: a name means one component, on whatever axis, and none is two words of a row's label.
func TestNamesOfComponents(t *testing.T) {
	var names []string
	for _, axis := range Axes() {
		if len(axis.Components) == 0 {
			t.Errorf("--%s has no values", axis.Name)
		}
		for _, d := range axis.Components {
			if slices.Contains(names, d.Name) || d.Explain == "" {
				t.Errorf("%s of --%s is there already, or not explained", d.Name, axis.Name)
			}
			for _, letter := range d.Name {
				if letter == '+' || letter == '@' || letter == '!' || letter == '/' || letter == ' ' || letter == ',' {
					t.Errorf("%s of --%s has a %q in its name", d.Name, axis.Name, letter)
				}
			}
			names = append(names, d.Name)
		}
	}
}

// TestComponents: a label's components are found again by their names.
func TestComponents(t *testing.T) {
	var got []string
	for _, d := range Components(harness.Label{Strategy: "naive-tx", Env: "cache+redis+2-servers", Fault: "kill-server"}) {
		got = append(got, d.Name)
	}
	if want := []string{"cache", "redis", "kill-server"}; !slices.Equal(got, want) {
		t.Errorf("components %q, want %q", got, want)
	}
}

// TestStrategies: each strategy is listed once, with a sentence.
func TestStrategies(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Strategies() {
		if seen[s.Name] || s.Explain == "" {
			t.Errorf("%s is listed twice, or not explained", s.Name)
		}
		seen[s.Name] = true
	}
	if !seen["naive"] || !seen["for-update"] {
		t.Errorf("strategies %v", seen)
	}
}
