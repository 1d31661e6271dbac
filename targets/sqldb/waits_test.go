package sqldb

import (
	"context"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

// TestCircles: those who wait for each other are about to be refused, until the server has left the same transactions alone for long.
func TestCircles(t *testing.T) {
	var seen []Wait
	server := func(resolves time.Duration) *Server {
		return &Server{cfg: Config{Dialect: &Dialect{
			Resolves: resolves, Waits: func(context.Context, Conn, []int64, map[int64]string) ([]Wait, error) { return seen, nil },
		}}}
	}
	circle := func(tx int64) []Wait { return []Wait{{1, 2, tx}, {2, 1, tx + 1}, {3, 1, tx + 2}} }
	ask := func(s *Server, waits []Wait, want store.Waits) {
		t.Helper()
		seen = waits
		if got, err := s.Waiting(t.Context()); err != nil || got != want {
			t.Errorf("%v, %+v, want %+v", err, got, want)
		}
	}
	always := server(0)
	ask(always, circle(10), store.Waits{Locks: 1, Circle: 2})
	ask(always, nil, store.Waits{})
	const long = time.Minute
	patient := server(long)
	ask(patient, circle(10), store.Waits{Locks: 1})
	patient.waitCycle.since = time.Now().Add(-2 * long)
	ask(patient, circle(10), store.Waits{Locks: 3})
	ask(patient, circle(20), store.Waits{Locks: 1}) // the same sessions in the next schedule
}
