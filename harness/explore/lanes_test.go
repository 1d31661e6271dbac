package explore_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
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
		var inOrder [][]int
		for lanes := range 4 {
			got, orders := counted(t, s, lanes+1)
			if lanes == 0 {
				alone, inOrder = got, orders
			}
			if !slices.EqualFunc(got, alone, same) {
				t.Errorf("%s: %d lanes end with %+v after %d schedules, one with %+v after %d", name, lanes+1,
					got[len(got)-1], len(got)-1, alone[len(alone)-1], len(alone)-1)
			}
			if !slices.EqualFunc(orders, inOrder, slices.Equal) {
				t.Errorf("%s: %d lanes count other schedules than one, or in another order", name, lanes+1)
			}
		}
	}
}

// counted is what a search of three counters tells after each schedule, and in the end, and which schedules it counts.
func counted(t *testing.T, s explore.Search, lanes int) (all []explore.Found, orders [][]int) {
	t.Helper()
	for n := range lanes {
		works, value := counter(3)
		crew := explore.NewCrew(works, explore.Config{})
		defer crew.Close()
		s.Lanes = append(s.Lanes, explore.Lane{Player: crew, Each: func(_ context.Context, ran explore.Schedule) (explore.Judged, error) {
			lost := *value < 3
			time.Sleep(time.Duration((lanes-n)%lanes) * 300 * time.Microsecond)
			*value = 0
			return explore.Judged{Broken: lost, Count: func() { orders = append(orders, ran.Order) }}, nil
		}, Clear: func(context.Context) error { *value = 0; return nil }})
	}
	s.Ran = func(f explore.Found) { all = append(all, f) }
	found, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return append(all, found), orders
}

func same(a, b explore.Found) bool {
	as, bs := a.Shortest, b.Shortest
	if as != nil && bs != nil && (as.Preemptions != bs.Preemptions || !slices.Equal(as.Order, bs.Order)) || (as == nil) != (bs == nil) {
		return false
	}
	a.Shortest, b.Shortest = nil, nil
	return a == b
}

// TestErrorAhead: the error of a schedule that ran ahead ends the search when one lane alone would have met it, and no schedule is run on what that one left.
func TestErrorAhead(t *testing.T) {
	lost := errors.New("the server is gone")
	for _, cleared := range []error{nil, errors.New("and stays so")} {
		ahead := make(chan bool)
		var failed atomic.Bool
		s := explore.Search{Stop: true}
		for range 2 {
			works, value := counter(3)
			crew := explore.NewCrew(works, explore.Config{})
			defer crew.Close()
			dirty := false
			s.Lanes = append(s.Lanes, explore.Lane{Player: crew, Each: func(_ context.Context, ran explore.Schedule) (explore.Judged, error) {
				if dirty {
					t.Error("a schedule was run on what another had left")
				}
				switch {
				case ran.Preemptions > 0 && failed.CompareAndSwap(false, true):
					dirty = true
					close(ahead)
					return explore.Judged{}, lost
				case ran.Preemptions == 0 && ran.Order[0] == 2: // one of the last of those without
					select {
					case <-ahead:
					case <-time.After(10 * time.Second):
						t.Error("the other lane waits, too")
					}
				}
				broken := *value != 3
				*value = 0
				return explore.Judged{Broken: broken}, nil
			}, Clear: func(context.Context) error {
				if dirty && cleared != nil {
					return cleared
				}
				*value, dirty = 0, false
				return nil
			}})
		}
		found, err := s.Run(t.Context())
		if !errors.Is(err, lost) || !errors.Is(err, cmp.Or(cleared, lost)) || found.Breaking > 0 {
			t.Errorf("%+v: %v", found, err)
		}
	}
}

// TestLanesGoAhead: where all schedules with so many preemptions are run or under way, a lane begins with those that have more.
func TestLanesGoAhead(t *testing.T) {
	ahead, first := make(chan bool), true
	var s explore.Search
	for range 2 {
		works, value := counter(2)
		crew := explore.NewCrew(works, explore.Config{})
		defer crew.Close()
		s.Lanes = append(s.Lanes, explore.Lane{Player: crew, Each: func(_ context.Context, ran explore.Schedule) (explore.Judged, error) {
			*value = 0
			switch {
			case ran.Preemptions > 0 && first:
				first = false // the other lane waits meanwhile
				close(ahead)
			case ran.Preemptions == 0 && ran.Order[0] == 1: // the last of those without
				select {
				case <-ahead:
				case <-time.After(10 * time.Second):
					t.Error("the other lane waits, too")
				}
			}
			return explore.Judged{}, nil
		}, Clear: func(context.Context) error { *value = 0; return nil }})
	}
	if found, err := s.Run(t.Context()); err != nil || found.Run != 4 || !found.Exhaustive {
		t.Errorf("%+v, %v", found, err)
	}
}
