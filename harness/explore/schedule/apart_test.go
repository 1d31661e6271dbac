package schedule_test

import (
	"context"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore/schedule"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// two is a store that says of itself that it is two servers, and what its level prevents.
type two struct {
	store.Isolating
	prevents promise.Hazards
	waited   int
}

func (s *two) Servers() int { return 2 }

func (s *two) Applied(context.Context) error {
	s.waited++
	return nil
}

func (s *two) Isolation(level harness.Level) (promise.Isolation, string) {
	return promise.Isolation{Level: level, Prevents: s.prevents}, ""
}

// TestUndecided: on several servers, what was declared let through and was not seen is not called prevented, however often it was looked for.
func TestUndecided(t *testing.T) {
	anomalies, err := schedule.Anomalies()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range anomalies {
		at := place(t)
		at.Search = true
		for _, prevents := range []promise.Hazards{0, ^promise.Hazards(0)} {
			servers := &two{Isolating: at.Server, prevents: prevents}
			at := at
			at.Server = servers
			m, err := schedule.Measure(t.Context(), s, at)
			if err != nil {
				t.Fatal(err)
			}
			if m.Through || m.Undecided() != (prevents == 0) || !m.AsDeclared() || m.Plays < 10 || servers.waited < m.Plays {
				t.Errorf("%s, prevents %v: %+v", s.Name, prevents != 0, m)
			}
		}
	}
}
