package anomaly

import "testing"

// TestEveryAnomalyIsPlain: whatever can be found can be said.
func TestEveryAnomalyIsPlain(t *testing.T) {
	names := []string{
		G1a, G1b, Internal, FutureRead, DirtyUpdate, DuplicateElements, IncompatibleOrder, CyclicVersions, LostUpdate, LongFork, GarbageRead,
		NonLinearizable, EmptyGraph, "PL-SI-cycle-exists",
	}
	for _, order := range []edgeKind{0, process, realtime} {
		for _, k := range kinds(order) {
			names = append(names, k.name)
		}
	}
	for _, name := range names {
		if Meaning(name) == "" {
			t.Errorf("%s has no words", name)
		}
	}
}
