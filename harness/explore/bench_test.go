package explore_test

import (
	"testing"

	"github.com/lastseat/lastseat/harness/explore"
)

// BenchmarkCrew is a schedule of two clients with two steps each, without a store: what leading costs.
func BenchmarkCrew(b *testing.B) {
	works, value := counter(2)
	crew := explore.NewCrew(works, explore.Config{})
	defer crew.Close()
	b.ReportAllocs()
	for b.Loop() {
		order, at := [4]int{0, 1, 0, 1}, 0
		if err := crew.Play(b.Context(), func() int { at++; return order[at-1] }); err != nil {
			b.Fatal(err)
		}
		*value = 0
	}
}
