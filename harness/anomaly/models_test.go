package anomaly

import (
	"slices"
	"strings"
	"testing"
)

// TestBoundary: what anomalies rule out, as Elle's friendly-boundary has it (its consistency_model_test), and what stands.
func TestBoundary(t *testing.T) {
	const strong = "serializable snapshot-isolation strict-serializable strong-session-serializable strong-session-snapshot-isolation strong-snapshot-isolation"
	for _, c := range []struct{ anomalies, not, alsoNot, standing string }{
		{"", "", "", "strict-serializable"},
		{
			"G-single", "consistent-view", strong + " forward-consistent-view update-serializable",
			"parallel-snapshot-isolation prefix monotonic-snapshot-read monotonic-view repeatable-read strong-read-committed",
		},
		{
			"internal", "read-atomic", strong + " causal-cerone parallel-snapshot-isolation prefix repeatable-read update-atomic",
			"monotonic-atomic-view strong-read-committed update-serializable monotonic-snapshot-read",
		},
		{
			"G1a", "read-committed",
			strong + ` causal-cerone consistent-view cursor-stability forward-consistent-view monotonic-atomic-view
			monotonic-snapshot-read monotonic-view parallel-snapshot-isolation prefix read-atomic repeatable-read update-atomic update-serializable
			strong-read-committed strong-session-read-committed`,
			"strong-read-uncommitted",
		},
		{"G2-item", "repeatable-read", "serializable strict-serializable strong-session-serializable", "strong-snapshot-isolation update-serializable"},
		{"G2", "serializable", "strict-serializable strong-session-serializable", "repeatable-read strong-snapshot-isolation update-serializable"},
		{"G2-item-realtime", "strict-serializable", "", "strong-session-serializable strong-snapshot-isolation"},
		{"G-single-item-process", "strong-session-snapshot-isolation", "strict-serializable strong-session-serializable strong-snapshot-isolation", "parallel-snapshot-isolation prefix serializable strong-read-committed"},
		{"G2 internal", "read-atomic", strong + " causal-cerone parallel-snapshot-isolation prefix repeatable-read update-atomic", "monotonic-atomic-view strong-read-committed update-serializable monotonic-snapshot-read"},
	} {
		t.Run(c.anomalies, func(t *testing.T) {
			not, alsoNot, standing := Boundary(strings.Fields(c.anomalies))
			for _, x := range []struct {
				what, want string
				got        []string
			}{{"not", c.not, not}, {"also not", c.alsoNot, alsoNot}, {"standing", c.standing, standing}} {
				want := strings.Fields(x.want)
				slices.Sort(want)
				if !slices.Equal(x.got, want) {
					t.Errorf("%s: %v, want %v", x.what, x.got, want)
				}
			}
		})
	}
}

func TestParseModel(t *testing.T) {
	for in, want := range map[string]string{"": StrictSerializable, "PL-2.99": "repeatable-read", "strong-serializable": StrictSerializable, "serializable": "serializable"} {
		if got, err := ParseModel(in); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if _, err := ParseModel("serialisable"); err == nil || !strings.Contains(err.Error(), `"serialisable"`) || !strings.Contains(err.Error(), "snapshot-isolation") {
		t.Errorf("%v", err)
	}
}
