package anomaly

import (
	"slices"
	"testing"
)

// TestStandingInBoth: what two sets of anomalies rule out apart, they rule out together.
func TestStandingInBoth(t *testing.T) {
	names := []string{"G0", "G1a", "G1c", "G-single", "G2-item", "G2", LostUpdate, "G1c-realtime", "G2-realtime", Internal, "G-nonadjacent-process"}
	for _, a := range names {
		for _, b := range names {
			_, _, inA := Boundary([]string{a})
			_, _, inB := Boundary([]string{b})
			_, _, want := Boundary([]string{a, b})
			if got := ConsistentInBoth(inA, inB); !slices.Equal(got, want) {
				t.Errorf("%s leaves %v and %s leaves %v, which is %v together; want %v", a, inA, b, inB, got, want)
			}
		}
	}
}

func TestFamiliar(t *testing.T) {
	for _, c := range []struct{ anomalies, want []string }{
		{nil, []string{StrictSerializable}},
		{[]string{"G2-realtime"}, []string{"serializable"}},
		{[]string{"G2-item"}, []string{"snapshot-isolation"}},
		{[]string{"G-nonadjacent"}, []string{"repeatable-read"}},
		{[]string{"G2"}, []string{"repeatable-read", "snapshot-isolation"}},
		{[]string{LostUpdate}, []string{"read-committed"}},
		{[]string{G1a}, []string{"read-uncommitted"}},
		{[]string{"G0"}, nil},
	} {
		_, _, standing := Boundary(c.anomalies)
		if got := Familiar(standing); !slices.Equal(got, c.want) {
			t.Errorf("%v leaves %v, familiar %v; want %v", c.anomalies, standing, got, c.want)
		}
	}
}
