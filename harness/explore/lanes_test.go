package explore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/explore"
)

// TestLanesChangeNothing: what a search finds, and the order in which it counts it, are the same whatever the number of its lanes and
// whichever of them is slow.
func TestLanesChangeNothing(t *testing.T) {
	for name, s := range map[string]explore.Search{
		"reduced": {}, "full": {Full: true}, "drawn": {Full: true, Budget: 40, Seed: 7}, "all but a few": {Budget: 37, Seed: 3}, "the first that breaks": {Stop: true},
	} {
		var alone []explore.Found
		for lanes := range 4 {
			got := counted(t, s, lanes+1)
			if lanes == 0 {
				alone = got
			}
			if !slices.EqualFunc(got, alone, same) {
				t.Errorf("%s: %d lanes end with %+v after %d schedules, one with %+v after %d", name, lanes+1,
					got[len(got)-1], len(got)-1, alone[len(alone)-1], len(alone)-1)
			}
		}
	}
}

// counted is what a search of three counters tells after each schedule, and in the end.
func counted(t *testing.T, s explore.Search, lanes int) (all []explore.Found) {
	t.Helper()
	for n := range lanes {
		works, value := counter(3)
		crew := explore.NewCrew(works, explore.Config{})
		defer crew.Close()
		s.Lanes = append(s.Lanes, explore.Lane{Player: crew, Each: func(context.Context, explore.Schedule) (bool, error) {
			lost := *value < 3
			time.Sleep(time.Duration((lanes-n)%lanes) * 300 * time.Microsecond)
			*value = 0
			return lost, nil
		}, Clear: func(context.Context) error { *value = 0; return nil }})
	}
	s.Ran = func(f explore.Found) { all = append(all, f) }
	found, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return append(all, found)
}

func same(a, b explore.Found) bool {
	as, bs := a.Shortest, b.Shortest
	if as != nil && bs != nil && (as.Preemptions != bs.Preemptions || !slices.Equal(as.Order, bs.Order)) || (as == nil) != (bs == nil) {
		return false
	}
	a.Shortest, b.Shortest = nil, nil
	return a == b
}
