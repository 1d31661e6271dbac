package load_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/load"
)

// stalling answers within a millisecond, but for one second, during which it answers nobody.
type stalling struct {
	turn    chan struct{} // holds one
	stalled bool
	from    time.Time
}

func (s *stalling) answer(context.Context, int, int, int64, *rand.Rand) (harness.Outcome, string) {
	<-s.turn
	if !s.stalled && time.Since(s.from) >= time.Second {
		s.stalled = true
		time.Sleep(time.Second)
	}
	s.turn <- struct{}{}
	time.Sleep(time.Millisecond)
	return harness.OK, ""
}

// TestStall: a server that stands still for a second answers all that was due meanwhile late, and an open loop's figures say so, of clients
// as few as they are. Clients that send on once they are answered meet it once each: their figures hide it but for the longest. The clock is
// a fake one.
func TestStall(t *testing.T) {
	const clients, rate, seconds = 4, 100, 10
	run := func(t *testing.T, rate float64) (r *load.Result) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			s := &stalling{turn: make(chan struct{}, 1), from: time.Now()}
			s.turn <- struct{}{}
			r = load.Run(t.Context(), load.Config{Clients: clients, Duration: seconds * time.Second, Rate: rate, Uniform: true, Weights: []int{1}}, s.answer)
		})
		if longest := r.Latency.Max(); longest < time.Second || longest > 1100*time.Millisecond {
			t.Errorf("at %v a second the longest latency is %v, want the second that the server stood still", rate, longest)
		}
		if r.Total() != r.Latency.Count() {
			t.Errorf("%d answers, %d latencies", r.Total(), r.Latency.Count())
		}
		return r
	}
	open := run(t, rate)
	if n := open.Total() + open.Late; n != rate*seconds {
		t.Errorf("%d operations were due, want %d: none is left out because the server stood still", n, rate*seconds)
	}
	// A tenth was due within the second, evenly: half of it half a second late or more.
	if p96, p99 := open.Latency.Quantile(0.96), open.Latency.Quantile(0.99); p96 < 500*time.Millisecond || p99 < 850*time.Millisecond {
		t.Errorf("the open loop's p96 is %v and its p99 %v: want 0.5 s and 0.85 s at least", p96, p99)
	}
	if p89 := open.Latency.Quantile(0.89); p89 > 20*time.Millisecond {
		t.Errorf("the open loop's p89 is %v, though only a tenth was due while the server stood still", p89)
	}
	if p999 := run(t, 0).Latency.Quantile(0.999); p999 > 20*time.Millisecond {
		t.Errorf("the closed loop's p99.9 is %v, though each of %d clients met the second once", p999, clients)
	}
}
