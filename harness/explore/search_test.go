package explore_test

import (
	"context"
	"maps"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
)

// counter is n clients that each read a number and then write what they computed.
func counter(n int) (works []explore.Work, value *int) {
	value = new(int)
	for range n {
		works = append(works, func(ctx context.Context, hook harness.Hook) {
			cells := []harness.Cell{0}
			if hook(ctx, harness.Action{Point: harness.AtRead, Table: "t", Cells: cells}) != nil {
				return
			}
			v := *value
			if hook(ctx, harness.Action{Point: harness.AtWrite, Table: "t", Cells: cells}) != nil {
				return
			}
			*value = v + 1
		})
	}
	return works, value
}

func search(t *testing.T, n int, full bool) (explore.Found, map[int]bool) {
	works, value := counter(n)
	crew := explore.NewCrew(works, explore.Config{})
	defer crew.Close()
	results := map[int]bool{}
	s := explore.Search{
		Full: full,
		Lanes: []explore.Lane{{Player: crew, Each: func(context.Context, explore.Schedule) (explore.Judged, error) {
			results[*value] = true
			lost := *value < n
			*value = 0
			return explore.Judged{Broken: lost}, nil
		}, Clear: func(context.Context) error { *value = 0; return nil }}},
	}
	found, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found, results
}

// TestReducedIsComplete: leaving out equivalent schedules changes neither which results there are nor the fewest preemptions that
// a failure needs; and what is left is one schedule for each order of the steps that do not commute.
func TestReducedIsComplete(t *testing.T) {
	for n, want := range map[int]struct{ full, reduced int }{2: {6, 4}, 3: {90, 36}, 4: {2520, 576}} {
		full, all := search(t, n, true)
		reduced, some := search(t, n, false)
		if full.Run != want.full || reduced.Run != want.reduced || !full.Exhaustive || !reduced.Exhaustive {
			t.Errorf("%d clients: %d schedules of all, %d reduced, want %d and %d", n, full.Run, reduced.Run, want.full, want.reduced)
		}
		if !maps.Equal(all, some) || len(all) != n {
			t.Errorf("%d clients: all schedules end in %v, the reduced in %v", n, all, some)
		}
		if full.Shortest.Preemptions != 1 || reduced.Shortest.Preemptions != 1 {
			t.Errorf("%d clients: %d and %d preemptions, want 1", n, full.Shortest.Preemptions, reduced.Shortest.Preemptions)
		}
	}
}
